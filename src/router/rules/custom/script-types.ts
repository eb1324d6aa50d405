/**
 * What a script of custom rules gets and gives: `import type { RuleScript } from "…/src/router/rules/custom/script-types.ts"` where the script is
 * TypeScript. Everything is a copy: what the script changes in it changes nothing of the request.
 */
import type { MessagesRequest } from "../../../protocol/anthropic.ts";

/** The facts of a request. No key is among them, neither a client's nor a provider's. */
export interface RuleScriptRequest {
  /** As the client sent it (`[1m]` taken off the model); that of other clients in the form of the Messages API. */
  readonly body: MessagesRequest;
  /** Names in lower case; without credentials. */
  readonly headers: Readonly<Record<string, string>>;
  /** Input tokens, by an estimate that does not depend on the provider. */
  readonly tokenCount: number;
  /** The last words of the user's own, without the client's reminders. */
  readonly lastUser: string;
  /** The whole system prompt as one text. */
  readonly system: string;
  /** A subagent or teammate asks. */
  readonly subagent: boolean;
  /** x-claude-code-agent-id. */
  readonly agentId?: string;
  /** x-claude-code-session-id. */
  readonly sessionId?: string;
  /** The profile in the path that the client asks. */
  readonly profile?: string;
  /** The name of the variable that the client's key came out of, else `…` and its last four characters. */
  readonly clientKey?: string;
}

/** What a script may want to know of the configuration. */
export interface RuleScriptConfig {
  /** Names of the providers that are switched on, with the models that routes and aliases name. */
  readonly providers: readonly { readonly name: string; readonly models: readonly string[] }[];
  /** Targets of each route that is set, as `provider,model`. */
  readonly routes: Readonly<Record<string, readonly string[]>>;
  readonly aliases: Readonly<Record<string, string>>;
  /** `providers` once more, as claude-code-router calls them. */
  readonly Providers: RuleScriptConfig["providers"];
  /** The first target of each route, as claude-code-router has them. */
  readonly Router: Readonly<Record<string, string>>;
}

/** `provider,model`, an alias, or a list of them tried in order; null or nothing: the next rule decides. */
export type RuleScriptAnswer = string | readonly string[] | null | undefined;

/** The function that a script exports: `export default`, or `module.exports =`. */
export type RuleScript = (
  request: RuleScriptRequest,
  config: RuleScriptConfig,
) => RuleScriptAnswer | Promise<RuleScriptAnswer>;
