/** What passes between the router and the thread that runs a script. */
import type { RuleScriptConfig, RuleScriptRequest } from "./script-types.ts";

export interface ScriptData {
  /** Full path; undefined where the text came without its file. */
  readonly file: string | undefined;
  readonly name: string;
  readonly text: string;
}

export type ToScript =
  | { readonly ask: number; readonly request: RuleScriptRequest; readonly config: RuleScriptConfig }
  | { readonly ping: number };

export type FromScript =
  /** It is loaded. */
  | { readonly ready: true }
  /** It cannot be loaded: why. */
  | { readonly unable: string }
  /** Names of targets and aliases as it gave them; none: it leaves the request to the next rule. */
  | { readonly ask: number; readonly targets: readonly string[] }
  | { readonly ask: number; readonly failed: string }
  | { readonly pong: number };

/** More targets than these, or longer names, are no answer. */
export const mostTargets = 32;
export const longestName = 512;
