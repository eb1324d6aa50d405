import { clientKey } from "./contenders/contender.ts";

/** As Claude Code sends them. */
export const clientHeaders: readonly string[] = [
  "accept: application/json",
  `authorization: Bearer ${clientKey}`,
  "content-type: application/json",
  "user-agent: claude-cli/2.1.329 (external, sdk-cli)",
  "anthropic-version: 2023-06-01",
  "anthropic-beta: claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27",
  "anthropic-dangerous-direct-browser-access: true",
  "x-app: cli",
  "x-stainless-lang: js",
  "x-stainless-runtime: node",
  "x-stainless-retry-count: 0",
  "x-stainless-timeout: 600",
];
