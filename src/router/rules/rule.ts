/** What a rule is, and what it may look at. */
import type { IncomingHttpHeaders } from "node:http";
import type { Config, RouteName, Target } from "../../config/types.ts";
import type { MessagesRequest } from "../../protocol/anthropic.ts";

/** Who asks, and when: what the body does not say. */
export interface Asker {
  /** As `clientKeyId` makes it; undefined where the client sent none. */
  readonly clientKeyId?: string;
  /** The name of its variable, else `…` and its last four characters. */
  readonly clientKey?: string;
  /** The profile in the path. */
  readonly profile?: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface Facts {
  readonly request: MessagesRequest;
  /** The model that was asked for, without the client's `[1m]` suffix. */
  readonly model: string;
  /** Lower-cased, without credentials. */
  readonly headers: IncomingHttpHeaders;
  readonly config: Config;
  readonly asker: Asker;
  /** Every reason is wanted, not the first alone. */
  readonly explain: boolean;
  /** Size of the body that the request came in. */
  readonly rawBytes: number;
  /** Counts the request's input tokens; above `enough` counting may stop, and says at least so many. */
  readonly countTokens: (enough: number) => Promise<number>;
}

export type Verdict =
  | { readonly matched: false; readonly reason: string }
  | {
      readonly matched: true;
      readonly reason: string;
      /** The route that the rule leads to. */
      readonly route?: RouteName;
      /** Instead of a route: its targets, the preferred one first. */
      readonly targets?: readonly Target[];
    };

export interface Rule {
  /** As it stands in `x-switchyard-rule`. */
  readonly name: string;
  decide(facts: Facts): Verdict | Promise<Verdict>;
}

export const no = (reason: string): Verdict => ({ matched: false, reason });

/** A match that leads to a route, where that route is set. */
export const toRoute = (facts: Facts, route: RouteName, reason: string): Verdict =>
  facts.config.routes[route] === undefined
    ? no(`${reason}, but routes.${route} is not set`)
    : { matched: true, reason, route };
