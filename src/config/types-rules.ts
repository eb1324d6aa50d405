/** The user's own rules as the configuration has them: conditions on a request, and the targets that it goes to then. */
import type { Target } from "./types.ts";
import type { Schedule } from "./types-keys.ts";

/** What a name or a text is held against. Plain data: it passes between processes. */
export interface Pattern {
  /**
   * `glob`: the whole name, letter case aside, `*` standing for anything; `text`: contained, letter case aside; `regex`: found anywhere, as
   * its flags say.
   */
  readonly kind: "glob" | "text" | "regex";
  /** Of `glob` and `text` in lower case; of `regex` its source. */
  readonly text: string;
  /** Of `regex`; else empty. */
  readonly flags: string;
  /** For reasons and messages. */
  readonly shown: string;
}

/** A key of clients in a condition. */
export interface ClientKeyCondition {
  /** As `clientKeyId` makes it. Empty: none of the keys that are set. */
  readonly ids: readonly string[];
  /** For reasons; never the key. */
  readonly shown: string;
  /** Where it may be the name of a key made by `switchyard keys`: these come and go without the configuration. */
  readonly made?: string;
}

/** All that are given must hold; of a list any one. */
export interface RuleConditions {
  readonly model?: readonly Pattern[];
  /** Of the system prompt. */
  readonly system?: readonly Pattern[];
  /** Of the last words of the user's own. */
  readonly lastUser?: readonly Pattern[];
  /** Counted input tokens: more than `over`, fewer than `under`. */
  readonly tokens?: { readonly over?: number; readonly under?: number };
  /** Names of tools that the request offers; true: any, false: none. */
  readonly tools?: boolean | readonly Pattern[];
  readonly images?: boolean;
  readonly thinking?: boolean;
  readonly profile?: readonly Pattern[];
  readonly clientKey?: readonly ClientKeyCondition[];
  readonly hours?: Schedule;
  readonly subagent?: boolean;
  /** Ids of agents. */
  readonly agent?: readonly Pattern[];
  readonly session?: readonly Pattern[];
  /** By name in lower case; true: it is there, false: it is not. */
  readonly header?: Readonly<Record<string, boolean | readonly Pattern[]>>;
}

export interface CustomRule {
  /** As configured, else its place, counted from 1. `x-switchyard-rule` has it behind `custom:`. */
  readonly name: string;
  readonly when: RuleConditions;
  /** Never empty. */
  readonly use: readonly Target[];
}

export interface RulesScript {
  /** Full path; undefined where the text came without its file (in a container). */
  readonly file: string | undefined;
  /** Its file's name, for messages. */
  readonly name: string;
  readonly text: string;
  /** How long it may take for one request, in milliseconds. */
  readonly timeout: number;
}

/** Everything that is asked before the built-in rules. */
export interface CustomRouting {
  readonly rules: readonly CustomRule[];
  readonly script: RulesScript | undefined;
}
