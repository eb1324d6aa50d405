/** Configurations of other tools in the places where those keep them. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Environment } from "../../shared/paths.ts";

export interface OtherTool {
  readonly title: string;
  readonly kind: string;
  /** Full path. */
  readonly place: string;
}

/** Below the home, by what `switchyard import --from` calls the tool. */
const places: readonly (readonly [kind: string, title: string, path: string])[] = [
  ["ccr", "claude-code-router", ".claude-code-router/config.json"],
  ["ccs", "ccs", ".ccs"],
  ["claude-models", "claude-code-hybrid", ".claude-models"],
  ["cc-switch", "cc-switch", ".cc-switch/config.json"],
  ["cliproxyapi", "CLIProxyAPI", ".cli-proxy-api/config.yaml"],
];

/** Those that are there. */
export const otherTools = (env: Environment): OtherTool[] => {
  const home = env["HOME"] || homedir();
  return places.flatMap(([kind, title, path]) => {
    const place = join(home, path);
    return existsSync(place) ? [{ kind, title, place }] : [];
  });
};
