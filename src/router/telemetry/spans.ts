/**
 * A turn as spans, by the GenAI conventions (opentelemetry.io/docs/specs/semconv/gen-ai): the turn, and below it a span for each call of a provider. What was said is
 * in none of them.
 */
import { randomBytes } from "node:crypto";
import { splitTargetName, type Config } from "../../config/types.ts";
import type { AttemptRecord, TurnRecord } from "../ledger/record.ts";
import type { Double, Span } from "./otlp.ts";
import { providerName } from "./provider-name.ts";

const hex = (bytes: number): string => randomBytes(bytes).toString("hex");

const usageOf = ({ tokens }: TurnRecord): Span["attributes"] =>
  tokens === null
    ? {}
    : {
        // All of it, cached or not, as the conventions have it.
        "gen_ai.usage.input_tokens": tokens.input + tokens.cacheRead + tokens.cacheWrite,
        "gen_ai.usage.output_tokens": tokens.output,
        "gen_ai.usage.cache_read.input_tokens": tokens.cacheRead,
        "gen_ai.usage.cache_creation.input_tokens": tokens.cacheWrite,
        "gen_ai.usage.reasoning.output_tokens": tokens.reasoning,
      };

const doubleOf = (value: number | null): Double | undefined =>
  value === null ? undefined : { double: value };

const isServed = (result: string): boolean => result === "served" || result === "aborted";

/** Calls follow each other; when each began was not kept, but the last ended with the turn. */
const startsOf = ({ at, duration, attempts }: TurnRecord): number[] => {
  let start = at;
  return attempts.map((attempt, i) => {
    const begun = i === attempts.length - 1 ? Math.max(start, at + duration - attempt.duration) : start;
    start = begun + attempt.duration;
    return begun;
  });
};

const attemptSpan = (
  { target, result, status, duration }: AttemptRecord,
  start: number,
  parent: Pick<Span, "traceId" | "spanId">,
  config: Config,
): Span => {
  const { provider, model } = splitTargetName(target);
  return {
    traceId: parent.traceId,
    spanId: hex(8),
    parentSpanId: parent.spanId,
    name: `call ${target}`,
    kind: "client",
    start,
    end: start + duration,
    attributes: {
      "gen_ai.provider.name": providerName(provider, config),
      "gen_ai.request.model": model,
      "switchyard.provider": provider,
      "switchyard.result": result,
      "http.response.status_code": status ?? undefined,
      "error.type": isServed(result) ? undefined : result,
    },
    ...(!isServed(result) && { error: result }),
  };
};

/** The turn's span first. @param config the one in force */
export const spansOf = (turn: TurnRecord, config: Config): Span[] => {
  const { provider, model } = splitTargetName(turn.target);
  const error =
    turn.outcome === "done" || turn.outcome === "aborted" ? undefined : (turn.error ?? turn.outcome);
  const span: Span = {
    traceId: hex(16),
    spanId: hex(8),
    name: `chat ${turn.asked}`,
    kind: "server",
    start: turn.at,
    end: turn.at + turn.duration,
    attributes: {
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": providerName(provider, config),
      "gen_ai.request.model": turn.asked,
      "gen_ai.request.stream": turn.stream,
      "gen_ai.response.model": model === "*" ? turn.asked : model,
      "gen_ai.response.time_to_first_chunk": doubleOf(
        turn.firstToken === null ? null : turn.firstToken / 1_000,
      ),
      "gen_ai.conversation.id": turn.session ?? undefined,
      ...usageOf(turn),
      "http.response.status_code": turn.status,
      "error.type": error,
      "switchyard.request_id": turn.id,
      "switchyard.rule": turn.rule,
      "switchyard.target": turn.target,
      "switchyard.attempts": turn.attempts.length,
      "switchyard.outcome": turn.outcome,
      "switchyard.client": turn.client,
      "switchyard.client_key": turn.clientKey ?? undefined,
      "switchyard.profile": turn.profile ?? undefined,
      "switchyard.agent": turn.agent ?? undefined,
      "switchyard.cost_dollars": doubleOf(turn.cost),
    },
    ...(error !== undefined && { error }),
  };
  const starts = startsOf(turn);
  return [span, ...turn.attempts.map((attempt, i) => attemptSpan(attempt, starts[i]!, span, config))];
};
