/**
 * Keeps account of one turn: who asked, what was called, what came of it. Closed once, before the client gets the last bytes of its answer, so that
 * no turn that a client saw the end of is missing in the ledger, whatever becomes of this process.
 */
import { modelInfoOf } from "../../config/model-info.ts";
import { targetName, type Config, type Target } from "../../config/types.ts";
import type { Usage } from "../../protocol/anthropic.ts";
import { count } from "../../protocol/usage.ts";
import { isJsonObject } from "../../shared/json.ts";
import type { Admission } from "../admission/admit.ts";
import type { Capture } from "../ledger/capture.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { AttemptRecord, TurnRecord } from "../ledger/record.ts";
import type { LiveHub } from "../live/hub.ts";
import { costOf, type PricedTokens } from "../prices/cost.ts";
import type { Outcome } from "./outcome.ts";

/** What is known of a turn when it begins. */
export type TurnFacts = Pick<
  TurnRecord,
  "id" | "at" | "session" | "agent" | "profile" | "clientKey" | "client" | "asked" | "rule" | "stream"
>;

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
}

export class TurnAccount {
  readonly #facts: TurnFacts;
  readonly #services: AccountServices;
  readonly #began = performance.now();
  readonly #attempts: AttemptRecord[] = [];
  #target: Target;
  #calling: Calling | undefined;
  #shown: number | undefined;
  #ended = false;
  #settled: Promise<unknown> = Promise.resolve();

  /** @param target the one that is to be tried first */
  constructor(facts: TurnFacts, target: Target, services: AccountServices) {
    this.#facts = facts;
    this.#target = target;
    this.#services = services;
    if (services.live.watched) services.live.publish({ kind: "begun", ...facts, target: targetName(target) });
  }

  /** A call begins. @param key its label; null where none is needed */
  calling(target: Target, key: string | null): void {
    this.#target = target;
    this.#calling = { target: targetName(target), key, since: performance.now() };
    const { live } = this.#services;
    if (live.watched)
      live.publish({
        kind: "calling",
        id: this.#facts.id,
        target: this.#calling.target,
        number: this.#attempts.length + 1,
      });
  }

  /** The call that was begun last did not serve. @param status the provider's, where it gave one */
  failed(result: string, status: number | null): void {
    const attempt = this.#attempt(result, status);
    if (attempt === undefined) return;
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
    this.#ended = true;
    const record = this.#record(outcome, status);
    const { ledger, live, observe, config, admission, capture } = this.#services;
    ledger?.append(record);
    observe(record, config);
    if (live.watched) live.publish({ kind: "ended", ...record });
    const { target, tokens, cost } = record;
    this.#settled = Promise.all([admission.settle({ target, tokens, cost }), capture?.end()]);
  }

  /** Resolves when everybody knows of it. */
  async settled(): Promise<void> {
    await this.#settled;
  }

  #record(outcome: Outcome | undefined, status: number): TurnRecord {
    const kind = outcome?.kind ?? "failed";
    const served = kind === "done" ? "served" : kind;
    const last = this.#attempt(served === "interrupted" ? "cut" : served, null);
    const usage = outcome !== undefined && "usage" in outcome ? outcome.usage : undefined;
    const tokens = usage === undefined ? null : tokensOf(usage);
    const { config } = this.#services;
    const model = this.#target.model === "*" ? this.#facts.asked : this.#target.model;
    const info = modelInfoOf(config, { provider: this.#target.provider, model });
    const now = performance.now();
    const failure = outcome !== undefined && "failure" in outcome ? outcome.failure : undefined;
    return {
      ...this.#facts,
      target: targetName(this.#target),
      attempts: last === undefined ? this.#attempts : [...this.#attempts, last],
      tokens,
      cost: tokens === null ? null : costOf(tokens, info?.price),
      firstToken:
        this.#facts.stream && kind !== "failed" ? rounded((this.#shown ?? now) - this.#began) : null,
      duration: rounded(now - this.#began),
      outcome: kind === "interrupted" ? "cut" : kind,
      status,
      error: kind === "done" ? null : (failure?.type ?? (kind === "aborted" ? "aborted" : "api_error")),
    };
  }

  #attempt(result: string, status: number | null): AttemptRecord | undefined {
    const calling = this.#calling;
    if (calling === undefined) return undefined;
    const { target, key, since } = calling;
    return { target, key, result, status, duration: rounded(performance.now() - since) };
  }
}

const rounded = (milliseconds: number): number => Math.round(milliseconds * 10) / 10;

const tokensOf = (usage: Usage): PricedTokens => {
  const details = usage["output_tokens_details"];
  const writes = usage["cache_creation"];
  const hour = isJsonObject(writes) ? count(writes["ephemeral_1h_input_tokens"]) : 0;
  return {
    input: count(usage.input_tokens),
    output: count(usage.output_tokens),
    cacheWrite: count(usage.cache_creation_input_tokens),
    cacheRead: count(usage.cache_read_input_tokens),
    reasoning: isJsonObject(details) ? count(details["thinking_tokens"]) : 0,
    ...(hour > 0 && { cacheWrite1h: hour }),
  };
};
