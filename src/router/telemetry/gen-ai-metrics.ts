/** Metrics by the GenAI conventions (opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics), with bounded labels as those of Prometheus. */
import type { Config } from "../../config/types.ts";
import { statusOfErrorType } from "../../shared/errors.ts";
import { spentOf, type Spent, type TurnRecord } from "../ledger/record.ts";
import { boundsOf, type Bounds, turnLabels } from "../metrics/labels.ts";
import { Counter, Histogram, type Labels, type Metric } from "../metrics/registry.ts";
import { providerName } from "./provider-name.ts";

/** The buckets that the conventions name. */
const tokenBounds = [
  1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864,
];
const secondBounds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];

/** A provider may make up types of its own. */
const errorLabel = ({ outcome, error }: TurnRecord): string | undefined => {
  if (outcome === "done" || outcome === "aborted") return undefined;
  return error !== null && Object.hasOwn(statusOfErrorType, error) ? error : outcome;
};

export class GenAiMetrics {
  readonly #tokens = new Histogram(
    { name: "gen_ai.client.token.usage", help: "Number of input and output tokens used.", unit: "{token}" },
    tokenBounds,
  );
  readonly #duration = new Histogram(
    { name: "gen_ai.client.operation.duration", help: "GenAI operation duration.", unit: "s" },
    secondBounds,
  );
  readonly #firstChunk = new Histogram(
    {
      name: "gen_ai.client.operation.time_to_first_chunk",
      help: "Time to receive the first chunk.",
      unit: "s",
    },
    secondBounds,
  );
  readonly #cost = new Counter({
    name: "switchyard.cost",
    help: "US dollars of the turns whose price is known.",
    unit: "{USD}",
  });
  readonly metrics: readonly Metric[] = [this.#tokens, this.#duration, this.#firstChunk, this.#cost];
  #bounds: Bounds | undefined;

  observe(turn: TurnRecord, config: Config): void {
    if (this.#bounds?.config !== config) this.#bounds = boundsOf(config);
    const labels = labelsOf(turn.target, turn.asked, this.#bounds);
    const error = errorLabel(turn);
    this.#duration.add(
      { ...labels, ...(error !== undefined && { "error.type": error }) },
      turn.duration / 1_000,
    );
    if (turn.firstToken !== null) this.#firstChunk.add(labels, turn.firstToken / 1_000);
    for (const spent of spentOf(turn)) this.#spend(spent, labelsOf(spent.target, turn.asked, this.#bounds));
  }

  #spend({ tokens, cost }: Spent, labels: Labels): void {
    if (cost !== null) this.#cost.add(labels, cost);
    const { input, cacheRead, cacheWrite, output } = tokens;
    this.#tokens.add({ ...labels, "gen_ai.token.type": "input" }, input + cacheRead + cacheWrite);
    this.#tokens.add({ ...labels, "gen_ai.token.type": "output" }, output);
  }
}

const labelsOf = (target: string, asked: string, bounds: Bounds): Labels => {
  const { provider, model } = turnLabels(target, asked, bounds);
  return {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": providerName(provider, bounds.config),
    // What was asked for is the client's to choose: it is in the traces, where it costs no series.
    "gen_ai.request.model": model,
  };
};
