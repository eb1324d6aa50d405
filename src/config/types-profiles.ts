/** Profiles as the rest of the program sees them: routes under a name, and what the client is to know of the models behind them. */
import type { Route, RouteName, Target } from "./types.ts";

/** What a profile names a model for: the client's tiers, and its subagents. */
export const profileModels = ["opus", "sonnet", "haiku", "fable", "subagent"] as const;
export type ProfileModel = (typeof profileModels)[number];

export interface ProfileConfig {
  readonly name: string;
  /** One line for lists; may be empty. */
  readonly description: string;
  /** As the profile names them, also those that cannot be asked now. */
  readonly models: Readonly<Partial<Record<ProfileModel, readonly Target[]>>>;
  /** All that its requests go by: what the profile sets, and what it takes over from `routes`. Every provider in it is configured. */
  readonly routes: Readonly<Partial<Record<RouteName, Route>>> & { readonly default: Route };
  /** As `Config.tierFirst`. */
  readonly tierFirst: boolean;
  /** Of the client, in tokens. */
  readonly contextWindow?: number;
  readonly maxOutputTokens?: number;
  /** How hard the client asks its models to think. */
  readonly effort?: string;
  /** Names of compatibility switches of the client that are on. */
  readonly client: readonly string[];
  /** Variables for the client's environment: its limits, effort and switches. No secret is in it. */
  readonly clientEnv: Readonly<Record<string, string>>;
  /** Why none of its models can be asked (`ZAI_API_KEY is not set`), or undefined. */
  readonly disabled: string | undefined;
  /** Where it is defined, as messages show it: `config/profiles/glm.yaml`. */
  readonly file: string;
}
