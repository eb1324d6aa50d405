/**
 * The attempts of a turn: target by target, key by key, until the client has its answer or nothing is left to try. What a failure leads to stands in
 * the taxonomy; what rests, and which key is next, is the state's to say.
 */
import { targetName, type ProviderConfig, type ProviderKey, type Target } from "../../config/types.ts";
import type { UpstreamFailure } from "../dialects/dialect.ts";
import { dialectOf } from "../dialects/index.ts";
import { classify, type Judgement } from "../failures/classify.ts";
import { waitBefore } from "../failures/wait.ts";
import type { KeyResult } from "../keys/terms.ts";
import { askTwice } from "./again.ts";
import { callTarget } from "./call.ts";
import { candidatesOf, largerThan } from "./candidates.ts";
import { failedBy, goesItsOwnWay, isRejectedKey, servedBy } from "./key-use.ts";
import { lastWords, type Failed } from "./last-words.ts";
import { logFailure, type Asked } from "./log.ts";
import type { Outcome } from "./outcome.ts";
import { withoutSecrets } from "./redacted.ts";
import { ContinuedStream } from "./resume/continued-stream.ts";
import { mayResume } from "./resume/may-resume.ts";
import { takesPrefix } from "./resume/takes-prefix.ts";
import { TurnKeys } from "./turn-keys.ts";
import type { Turn } from "./turn.ts";
import { Waiting } from "./waiting.ts";

/** What became of one target: an end of the turn, or undefined: the next one. */
type Ended = Outcome | undefined;

/** Never rejects for what providers do. */
export const runAttempts = (turn: Turn, failed: Failed[]): Promise<Outcome> =>
  new Attempts(turn, failed).run();

class Attempts {
  readonly #turn: Turn;
  readonly #failed: Failed[];
  readonly #keysOf: TurnKeys;
  readonly #tried = new Set<string>();
  #left: Target[] = [];
  readonly #waiting: Waiting;
  /** Set where a turn that breaks off in the middle may be taken up by another attempt. */
  readonly #continued: ContinuedStream | undefined;

  constructor(turn: Turn, failed: Failed[]) {
    this.#turn = turn;
    this.#failed = failed;
    this.#waiting = new Waiting(turn, failed);
    this.#keysOf = new TurnKeys(turn, this.#waiting);
    this.#continued = mayResume(turn) ? new ContinuedStream(turn.client) : undefined;
  }

  async run(): Promise<Outcome> {
    const turn = this.#turn;
    const { targets, skipped } = await candidatesOf({ ...turn, rawBytes: turn.size });
    turn.progress.skipped.push(
      ...skipped.map(({ target, reason }) => ({ target: targetName(target), reason })),
    );
    this.#left = [...targets];
    for (;;) {
      while (this.#left.length > 0) {
        if (turn.reply.aborted) return { kind: "aborted" };
        const ended = await this.#target(this.#left.shift()!);
        if (ended !== undefined) return ended;
      }
      if (turn.reply.aborted) return { kind: "aborted" };
      this.#left = await this.#waiting.rest();
      if (turn.reply.aborted) return { kind: "aborted" };
      if (this.#left.length === 0) return this.#giveUp();
    }
  }

  async #target(target: Target): Promise<Ended> {
    const turn = this.#turn;
    const provider = turn.config.providers.get(target.provider);
    if (provider === undefined) return undefined;
    if (turn.progress.attempts === 0) turn.progress.target = targetName(target);
    this.#tried.add(targetName(target));
    if (dialectOf(provider.dialect).kind === "local") {
      // What answers by itself knows nothing of an answer that was begun.
      if (this.#continued?.begun === true) return undefined;
      turn.progress.target = targetName(target);
      return callTarget(turn, { target, provider, key: undefined, left: [] });
    }
    return this.#keys(target, provider);
  }

  /** Calls a target with one key after the other, each as often as the provider's policy says. */
  async #keys(target: Target, provider: ProviderConfig): Promise<Ended> {
    const turn = this.#turn;
    const refused: string[] = [];
    for (let calls = 0; ;) {
      if (this.#continued?.way === "prefix" && !takesPrefix(turn.config, provider, target)) return undefined;
      const taken = await this.#keysOf.take(target, provider, refused, this.#left.length > 0);
      if (taken === undefined) return undefined;
      if (turn.reply.aborted) {
        await this.#keysOf.give(taken.lease, { kind: "released" });
        return { kind: "aborted" };
      }
      const key = provider.keys.find(({ id }) => id === taken.key);
      turn.progress.target = targetName(target);
      const before = turn.progress.attempts;
      const { outcome, judged } = await this.#call(target, provider, key, taken, calls === 0);
      calls += turn.progress.attempts - before;
      if (judged === undefined) return outcome;
      if (this.#continued?.way === "calls") return this.#endWithCalls(this.#continued);
      if (this.#continued?.way === "none") return this.#giveUp();
      const failure = judged.failure;
      if (turn.reply.aborted) return { kind: "aborted" };
      switch (judged.step) {
        case "retry": {
          const wait = waitBefore(calls, provider.failures, failure.until, Date.now(), Math.random);
          if (
            calls >= provider.failures.tries ||
            !(await this.#waiting.pause(wait, this.#waiting.longest(this.#left.length > 0)))
          )
            return undefined;
          break;
        }
        case "next-key":
          refused.push(taken.key);
          break;
        case "next-target":
          return undefined;
        case "larger-window":
          this.#left = largerThan(target, this.#left, turn.config, this.#tried);
          return undefined;
        case "without-reasoning":
        case "give-back":
          return this.#giveUp();
      }
    }
  }

  async #call(
    target: Target,
    provider: ProviderConfig,
    key: ProviderKey | undefined,
    { lease }: { lease: string },
    first: boolean,
  ): Promise<{ outcome: Outcome; judged?: Judged }> {
    const turn = this.#turn;
    let result: KeyResult = { kind: "released" };
    try {
      const call = { target, provider, key, left: this.#left };
      const outcome = await askTwice(this.#asked(), provider, first, (asked) => callTarget(asked, call));
      if (outcome.kind === "done") {
        result = servedBy(outcome);
        return { outcome };
      }
      // The client went, or the router ends: that says nothing of the provider.
      if (outcome.kind === "aborted") return { outcome };
      if (turn.reply.aborted) return { outcome: outcome.kind === "failed" ? { kind: "aborted" } : outcome };
      const judgement = classify(outcome.failure, provider.failures, {
        alone: this.#left.length === 0,
        ownWay: goesItsOwnWay(key, provider),
      });
      if (judgement.wait !== undefined) outcome.failure.until ??= Date.now() + judgement.wait;
      result = failedBy(judgement, outcome.failure, provider);
      if (outcome.kind === "cut") {
        logFailure(turn, { provider, key }, withoutSecrets(outcome.failure, turn), judgement.kind);
        return { outcome };
      }
      return { outcome, judged: this.#note(target, { provider, key }, outcome.failure, judgement) };
    } finally {
      await this.#keysOf.give(lease, result);
    }
  }

  /** The turn as the next attempt has it: with what the client has seen of its answer already. */
  #asked(): Turn {
    const continued = this.#continued;
    if (continued === undefined) return this.#turn;
    const client = continued.form();
    if (!continued.begun) return { ...this.#turn, client };
    return { ...this.#turn, client, request: continued.request(this.#turn.request), rawBody: undefined };
  }

  #endWithCalls(continued: ContinuedStream): Outcome {
    const end: Outcome = { kind: "done", usage: continued.usage, stopReason: "tool_use" };
    this.#turn.reply.ending(end);
    this.#turn.reply.write(continued.endWithCalls());
    this.#turn.reply.end();
    return end;
  }

  #note(
    target: Target,
    asked: Asked,
    said: UpstreamFailure,
    judgement: Pick<Judgement, "kind" | "step">,
  ): Judged {
    const turn = this.#turn;
    const failure = withoutSecrets(said, turn);
    if (isRejectedKey(asked.provider, judgement)) failure.hopeless = true;
    this.#failed.push({ target: targetName(target), kind: judgement.kind, failure });
    logFailure(turn, asked, failure, judgement.kind);
    return { failure, step: judgement.step };
  }

  #giveUp(): Outcome {
    const failure = lastWords(this.#failed, this.#waiting.resting, Date.now());
    if (this.#continued?.begun !== true) {
      this.#turn.reply.fail(failure);
      return { kind: "failed", failure };
    }
    const cut: Outcome = { kind: "cut", failure, usage: undefined };
    this.#turn.reply.ending(cut);
    this.#turn.reply.write(this.#continued.fail(failure));
    this.#turn.reply.end();
    return cut;
  }
}

interface Judged {
  readonly failure: UpstreamFailure;
  readonly step: Judgement["step"];
}
