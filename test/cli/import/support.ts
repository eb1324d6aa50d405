/** Imports a fixture as the command does, and loads what came out of it. */
import { resolve } from "node:path";
import { readTracked } from "../../../src/config/preset-list.ts";
import type { Config } from "../../../src/config/types.ts";
import { yamlText } from "../../../src/config/yaml-text.ts";
import { importConfiguration, type Imported } from "../../../src/cli/import/index.ts";
import { testConfig } from "../../support/config.ts";

export const fixture = (name: string): string => resolve(import.meta.dirname, "fixtures", name);

/** Fixtures by the kind that each is. */
export const fixtures: Readonly<Record<string, readonly string[]>> = {
  ccr: ["ccr-v1.json", "ccr-v2.json"],
  litellm: ["litellm.yaml"],
  "claude-code-proxy": ["tiers.env", "sizes.env", "preferred.env"],
  "claude-models": ["hybrid"],
  cliproxyapi: ["cliproxyapi.yaml", "cliproxyapi-old.yaml"],
  ccs: ["ccs", "ccs-json"],
  "cc-switch": ["cc-switch.sql", "cc-switch.json"],
  "codex-cc-switch": ["all_configs.json"],
  "routing-rules": ["routing-rules.json"],
};

export const importing = (
  place: string,
  options: { kind?: string; env?: Readonly<Record<string, string>> } = {},
): Imported =>
  importConfiguration(place, {
    kind: options.kind,
    tracked: readTracked(),
    lookup: (name) => options.env?.[name],
  });

/** Variables that fixtures refer to without a value of their own. */
const named = [
  "DEEPSEEK_KEY",
  "DEEPSEEK_API_KEY",
  "GEMINI_API_KEY",
  "OPENROUTER_API_KEY",
  "ANTHROPIC_API_KEY",
  "CLIPROXYAPI_KEY",
  "Z_AI_API_KEY",
  "ZAI_API_KEY",
  "TAVILY_API_KEY",
];

/** The configuration as the router reads it, with every key set. */
export const loaded = ({ draft }: Imported): Config =>
  testConfig(yamlText(draft.document()), {
    ...Object.fromEntries(named.map((name) => [name, `value-of-${name}`])),
    ...Object.fromEntries(draft.secrets.map(({ name, value }) => [name, value])),
  });
