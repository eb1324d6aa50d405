/** What importers ask of a draft, and what it is made of. */
import type { DialectName } from "../../config/types.ts";

type Plain = Record<string, unknown>;

/** A key of the other tool: its text there, and what it may be used for (keys of `providers.<name>.keys[]`). */
export interface KeyWish {
  readonly value: string;
  readonly terms?: Plain;
}

export interface ProviderWish {
  /** As the other tool calls it; undefined: after its preset or its host. */
  readonly name?: string | undefined;
  /** Undefined: Anthropic's own. */
  readonly baseUrl?: string | undefined;
  /** What the tool says of the protocol. */
  readonly dialect?: DialectName | undefined;
  /** Where the address has none. */
  readonly preset?: string;
  /** None: it needs none. */
  readonly keys: readonly KeyWish[];
  /** Other fields of `providers.<name>`. */
  readonly more?: Plain;
}

export interface RouteDraft {
  use: string[];
  threshold?: number;
}

/** A profile (docs/configuration.md): the tiers of the client, and what differs from the routes. */
export interface ProfileDraft {
  description: string;
  models: Record<string, string>;
  routes?: Record<string, string | string[]>;
  contextWindow?: number;
  maxOutputTokens?: number;
  effort?: string;
}

export interface Secret {
  readonly name: string;
  readonly value: string;
}
