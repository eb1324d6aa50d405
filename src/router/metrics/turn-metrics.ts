/** What is counted of turns, for Prometheus. */
import type { Config } from "../../config/types.ts";
import { spentOf, type Spent, type TurnRecord } from "../ledger/record.ts";
import { boundsOf, type Bounds, resultLabel, ruleLabel, turnLabels } from "./labels.ts";
import { Counter, Histogram, type Metric } from "./registry.ts";

/** Seconds. Reasoning models take minutes to their first token. */
const firstTokenBounds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];
const durationBounds = [0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800];

const counter = (name: string, help: string): Counter => new Counter({ name, help, unit: "" });

export class TurnMetrics {
  readonly #turns = counter(
    "switchyard_turns_total",
    "Turns by the rule that decided, the target that answered or failed last, and how they ended.",
  );
  readonly #tokens = counter(
    "switchyard_tokens_total",
    "Tokens that providers reported, each counted once: input has no cached ones in it.",
  );
  readonly #reasoning = counter(
    "switchyard_reasoning_tokens_total",
    "Tokens of reasoning, which are part of those of output.",
  );
  readonly #cost = counter("switchyard_cost_dollars_total", "US dollars of the turns whose price is known.");
  readonly #unpriced = counter(
    "switchyard_unpriced_turns_total",
    "Turns with tokens whose price is not known: they are not in switchyard_cost_dollars_total.",
  );
  readonly #attempts = counter(
    "switchyard_attempts_total",
    "Calls of providers by their result: served, cut, aborted, or the kind of the failure.",
  );
  readonly #refused = counter(
    "switchyard_refused_turns_total",
    "Turns that were refused before a provider was asked, by the code of the error.",
  );
  readonly #firstToken = new Histogram(
    {
      name: "switchyard_first_token_seconds",
      help: "From the request to the first content that the client was shown, of streamed turns.",
      unit: "s",
    },
    firstTokenBounds,
  );
  readonly #duration = new Histogram(
    {
      name: "switchyard_turn_duration_seconds",
      help: "From the request to the end of its answer.",
      unit: "s",
    },
    durationBounds,
  );
  readonly metrics: readonly Metric[] = [
    this.#turns,
    this.#attempts,
    this.#tokens,
    this.#reasoning,
    this.#cost,
    this.#unpriced,
    this.#refused,
    this.#firstToken,
    this.#duration,
  ];
  #bounds: Bounds | undefined;

  /** @param config the one in force */
  observe(turn: TurnRecord, config: Config): void {
    if (this.#bounds?.config !== config) this.#bounds = boundsOf(config);
    const bounds = this.#bounds;
    const target = turnLabels(turn.target, turn.asked, bounds);
    this.#turns.add({ ...target, rule: ruleLabel(turn.rule, bounds), outcome: turn.outcome });
    for (const attempt of turn.attempts)
      this.#attempts.add({
        ...turnLabels(attempt.target, turn.asked, bounds),
        result: resultLabel(attempt.result),
      });
    this.#duration.add(target, turn.duration / 1_000);
    if (turn.firstToken !== null) this.#firstToken.add(target, turn.firstToken / 1_000);
    for (const spent of spentOf(turn)) this.#spend(spent, turnLabels(spent.target, turn.asked, bounds));
  }

  /** @param code of the error table, which bounds the series */
  refused(code: string): void {
    this.#refused.add({ code });
  }

  #spend({ tokens, cost }: Spent, target: ReturnType<typeof turnLabels>): void {
    const { input, output, cacheRead, cacheWrite, reasoning } = tokens;
    this.#tokens.add({ ...target, type: "input" }, input);
    this.#tokens.add({ ...target, type: "output" }, output);
    this.#tokens.add({ ...target, type: "cache_read" }, cacheRead);
    this.#tokens.add({ ...target, type: "cache_write" }, cacheWrite);
    this.#reasoning.add(target, reasoning);
    if (cost === null) this.#unpriced.add(target);
    else this.#cost.add(target, cost);
  }
}
