/**
 * Keeps account of one turn: who asked, what was called, what came of it. Closed once, before the client gets the last bytes of its answer, so that
 * no turn that a client saw the end of is missing in the ledger, whatever becomes of this process.
 */
import { targetName, type Config, type Target } from "../../config/types.ts";
import type { Usage } from "../../protocol/anthropic.ts";
import type { Admission } from "../admission/admit.ts";
import type { Capture } from "../ledger/capture.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { plusSpent } from "../ledger/record.ts";
import type { AttemptRecord, SkippedTarget, Spent, TurnRecord } from "../ledger/record.ts";
import type { LiveHub } from "../live/hub.ts";
import type { Outcome } from "./outcome.ts";
import { withoutWindowSuffix } from "../rules/index.ts";
import { Spending } from "./spending.ts";

/** What is known of a turn when it begins. */
export type TurnFacts = Pick<
  TurnRecord,
  "id" | "at" | "session" | "agent" | "profile" | "clientKey" | "client" | "asked" | "rule" | "stream"
> & {
  readonly why: NonNullable<TurnRecord["why"]>;
  /** The targets that were left out; asked once, at the end. */
  readonly skipped: () => readonly SkippedTarget[];
};

/** Who is told of turns. */
export interface AccountServices {
  readonly config: Config;
  readonly ledger: Pick<Ledger, "append"> | undefined;
  readonly live: Pick<LiveHub, "watched" | "publish" | "wrote">;
  /** Whatever else counts turns. */
  readonly observe: (record: TurnRecord, config: Config) => void;
  readonly admission: Pick<Admission, "settle">;
  readonly capture: Capture | undefined;
}

interface Calling {
  readonly target: string;
  /** Milliseconds, by `performance.now()`. */
  readonly since: number;
  readonly key: string | null;
  /** What it has used so far, where the provider told. */
  spent: Spent | undefined;
}

/** Why a call failed, for the ledger. */
export interface Failing {
  /** The kind of the failure. */
  readonly result: string;
  /** The provider's HTTP status, where it gave one. */
  readonly status: number | null;
  /** In words of our own. */
  readonly reason: string | undefined;
  /** It broke off in the middle: its provider may have used more than it told. */
  readonly broke: boolean;
}

export class TurnAccount {
  readonly #facts: Omit<TurnFacts, "why" | "skipped">;
  readonly #why: TurnFacts["why"];
  readonly #skipped: TurnFacts["skipped"];
  readonly #services: AccountServices;
  readonly #began = performance.now();
  readonly #attempts: AttemptRecord[] = [];
  readonly #spending: Spending;
  /** What calls under way have been told that they used. */
  readonly #reading = new Set<() => Usage | undefined>();
  /** More may have been used than was told. */
  #more = false;
  #target: Target;
  #calling: Calling | undefined;
  #shown: number | undefined;
  #ended = false;
  #settled: Promise<unknown> = Promise.resolve();

  /** @param target the one that is to be tried first */
  constructor({ why, skipped, ...facts }: TurnFacts, target: Target, services: AccountServices) {
    this.#facts = facts;
    this.#why = why;
    this.#skipped = skipped;
    this.#spending = new Spending(services.config, withoutWindowSuffix(facts.asked));
    this.#target = target;
    this.#services = services;
    if (services.live.watched) services.live.publish({ kind: "begun", ...facts, target: targetName(target) });
  }

  /** A call begins. @param key its label; null where none is needed */
  calling(target: Target, key: string | null): void {
    this.#target = target;
    this.#calling = { target: targetName(target), key, since: performance.now(), spent: undefined };
    const { live } = this.#services;
    if (live.watched)
      live.publish({
        kind: "calling",
        id: this.#facts.id,
        target: this.#calling.target,
        number: this.#attempts.length + 1,
      });
  }

  /**
   * A provider is asked, within the call that was begun last: a search or a judgement asks several times.
   * @param usage what it has reported so far
   * @returns to be called at its end. What is still under way when the turn ends is counted then, with what is known of it
   */
  reads(usage: () => Usage | undefined): () => void {
    this.#reading.add(usage);
    return () => {
      if (this.#reading.delete(usage)) this.used(usage());
    };
  }

  /** A provider, or what answers in its place, has reported what it used. */
  used(usage: Usage | undefined): void {
    if (this.#ended) return;
    const spent = this.#spending.add(this.#target, usage);
    const calling = this.#calling;
    if (spent === undefined || calling === undefined) return;
    calling.spent = calling.spent === undefined ? spent : plusSpent(calling.spent, spent);
  }

  /** The call that was begun last did not serve. */
  failed({ result, status, reason, broke }: Failing): void {
    const attempt = this.#attempt(result, status, reason);
    if (attempt === undefined) return;
    if (broke) this.#more = true;
    this.#calling = undefined;
    this.#attempts.push(attempt);
    const { live } = this.#services;
    if (live.watched) live.publish({ kind: "attempt", id: this.#facts.id, ...attempt });
  }

  /** The body as the client sent it. */
  asked(body: Buffer): void {
    this.#services.capture?.request(body);
  }

  /** A part of the answer goes out to the client. */
  wrote(part: string | Buffer): void {
    this.#shown ??= performance.now();
    const { live, capture } = this.#services;
    if (this.#facts.stream) live.wrote(this.#facts.id, part);
    // Later changed by nobody: what was given to the socket must stay as it is, too.
    capture?.answer(typeof part === "string" ? Buffer.from(part) : part);
  }

  /** Closes the account; later calls do nothing. @param status that the client sees */
  end(outcome: Outcome | undefined, status: number): void {
    if (this.#ended) return;
    for (const usage of this.#reading) this.used(usage());
    this.#reading.clear();
    this.#ended = true;
    const { record, unknown } = this.#record(outcome, status);
    const { ledger, live, observe, config, admission, capture } = this.#services;
    ledger?.append(record);
    observe(record, config);
    if (live.watched) live.publish({ kind: "ended", ...record });
    this.#settled = Promise.all([admission.settle({ record, unknown }), capture?.end()]);
  }

  /** Resolves when everybody knows of it. */
  async settled(): Promise<void> {
    await this.#settled;
  }

  /** @returns `unknown`: something was used of which nobody told how much */
  #record(outcome: Outcome | undefined, status: number): { record: TurnRecord; unknown: boolean } {
    const kind = outcome?.kind ?? "failed";
    const served = kind === "done" ? "served" : kind;
    const last = this.#attempt(served === "interrupted" ? "cut" : served, null);
    const target = targetName(this.#target);
    const { total, all } = this.#spending;
    const { tokens = null, cost = null } = total ?? {};
    // What the client saw something of was used.
    const shown = kind === "done" || this.#shown !== undefined;
    const silent = shown && last !== undefined && last.tokens === undefined;
    const broke = this.#more || (last !== undefined && served !== "served");
    const unpriced = cost !== null && all.some((each) => each.cost === null);
    const partial = tokens !== null && (broke || silent || unpriced);
    const elsewhere = all.length > 1 || (all.length === 1 && all[0]!.target !== target);
    const skipped = this.#skipped();
    const now = performance.now();
    const failure = outcome !== undefined && "failure" in outcome ? outcome.failure : undefined;
    const record: TurnRecord = {
      ...this.#facts,
      why: this.#why,
      ...(skipped.length > 0 && { skipped }),
      target,
      attempts: last === undefined ? this.#attempts : [...this.#attempts, last],
      tokens,
      cost,
      ...(partial && { partial }),
      ...(elsewhere && { spent: all }),
      firstToken:
        this.#facts.stream && kind !== "failed" ? rounded((this.#shown ?? now) - this.#began) : null,
      duration: rounded(now - this.#began),
      outcome: kind === "interrupted" ? "cut" : kind,
      status,
      error: kind === "done" ? null : (failure?.type ?? (kind === "aborted" ? "aborted" : "api_error")),
    };
    return { record, unknown: silent || (tokens === null && this.#more) };
  }

  #attempt(result: string, status: number | null, reason?: string): AttemptRecord | undefined {
    const calling = this.#calling;
    if (calling === undefined) return undefined;
    const { target, key, since, spent } = calling;
    return {
      target,
      key,
      result,
      status,
      duration: rounded(performance.now() - since),
      ...(reason !== undefined && { reason }),
      ...(spent !== undefined && { tokens: spent.tokens, cost: spent.cost }),
    };
  }
}

const rounded = (milliseconds: number): number => Math.round(milliseconds * 10) / 10;
