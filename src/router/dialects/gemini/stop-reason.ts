/** `finishReason` in Anthropic's terms (ai.google.dev/api/generate-content#FinishReason). */
import type { StopReason } from "../../../protocol/anthropic.ts";
import { errorTable } from "../../../shared/errors.ts";
import type { UpstreamFailure } from "../dialect.ts";

/** The model, or a filter behind it, did not want to say it. */
const refusals = new Set([
  "SAFETY",
  "RECITATION",
  "LANGUAGE",
  "BLOCKLIST",
  "PROHIBITED_CONTENT",
  "SPII",
  "IMAGE_SAFETY",
  "IMAGE_PROHIBITED_CONTENT",
  "IMAGE_RECITATION",
  "MODEL_ARMOR",
]);

/** The answer is spoilt. Asked again, the model mostly does better. */
const failures = new Set([
  "MALFORMED_FUNCTION_CALL",
  "UNEXPECTED_TOOL_CALL",
  "TOO_MANY_TOOL_CALLS",
  "MALFORMED_RESPONSE",
  "MISSING_THOUGHT_SIGNATURE",
]);

/** A cut answer stays `max_tokens` whatever it holds; Google says STOP after function calls too. */
export const toStopReason = (finish: string | undefined, emittedCalls: boolean): StopReason => {
  if (finish === "MAX_TOKENS") return "max_tokens";
  if (finish !== undefined && refusals.has(finish)) return "refusal";
  return emittedCalls ? "tool_use" : "end_turn";
};

/** Finish reasons that say that the answer failed. @param empty nothing of it reached the client */
export const failureOfFinish = (
  finish: string,
  message: string | undefined,
  empty: boolean,
): UpstreamFailure | undefined => {
  const unsaid = empty && (finish === "OTHER" || finish === "FINISH_REASON_UNSPECIFIED");
  if (!failures.has(finish) && !unsaid) return undefined;
  const words = typeof message === "string" && message !== "" ? `: ${message}` : "";
  return {
    status: 502,
    type: "api_error",
    message: `${errorTable["upstream.badStream"].message} (finishReason: ${finish})${words}`,
  };
};
