/** What `GET /sessions/{id}` answers: the router makes it, the status line shows it. */
import type { Usage } from "./usage.ts";

/** A turn as the status line needs it. */
export interface SessionTurn {
  /** As 2026-11-21T10:00:00.000Z. */
  readonly at: string;
  /** The model that the client asked for. */
  readonly asked: string;
  readonly rule: string;
  /** `provider,model`: what answered, or failed last. */
  readonly target: string;
  readonly outcome: "done" | "failed" | "cut" | "aborted";
  /** Type of the error that the client was told; null of a turn that is done. */
  readonly error: string | null;
}

/** A budget that the session's next turn would count for. */
export interface SessionBudget {
  /** Its name; `/key NAME` is the client key's own. */
  readonly budget: string;
  /** The provider, profile or client key; null: everybody. */
  readonly of: string | null;
  /** US dollars. */
  readonly limit: number;
  /** US dollars; 0 once the limit is reached. */
  readonly left: number;
  /** Turns of this period whose price is not known: what they cost is not taken off. */
  readonly unpriced: number;
  readonly per: "day" | "week" | "month";
  /** When it begins anew, as 2026-11-22T00:00:00.000Z. */
  readonly until: string;
}

/** The asking client's own part of a session. One that has no turn yet has zeros and no `last`. */
export interface SessionAnswer extends Pick<
  Usage,
  | "turns"
  | "failed"
  | "input"
  | "output"
  | "cacheWrite"
  | "cacheRead"
  | "reasoning"
  | "unreported"
  | "cost"
  | "unpriced"
> {
  readonly session: string;
  /** Of all input, the part that was read from a cache, 0 to 1; null where there was no input. */
  readonly cacheShare: number | null;
  /** The conversation's last turn: not a subagent's, a search or one in the background, where it has others. Null: it has none. */
  readonly last: SessionTurn | null;
  readonly budgets: readonly SessionBudget[];
}
