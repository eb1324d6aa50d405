/** How an answer ended, in Anthropic's terms. */
import type { StopReason } from "../../../protocol/anthropic.ts";
import type { ResponsesAnswer } from "../../../protocol/openai-responses.ts";
import { errorTable } from "../../../shared/errors.ts";
import type { UpstreamFailure } from "../dialect.ts";
import { failureOfBody } from "../shared/errors.ts";
import { toUsage } from "./usage.ts";

/** Statuses that are no answer (api reference, responses, status). A missing one counts as completed. */
export const failureOfStatus = (answer: ResponsesAnswer): UpstreamFailure | undefined => {
  if (answer.error !== undefined && answer.error !== null) return failureOfBody({ error: answer.error });
  switch (answer.status) {
    case "failed":
    case "cancelled":
    case "queued":
    case "in_progress":
      return {
        status: 502,
        type: "api_error",
        message: `${errorTable["upstream.cut"].message} (status: ${answer.status})`,
      };
    default:
      return undefined;
  }
};

/** The same, with what an answer that failed says that it used (`response.failed` has it). */
export const failureOfAnswer = (answer: ResponsesAnswer): UpstreamFailure | undefined => {
  const failure = failureOfStatus(answer);
  if (failure === undefined || answer.usage === undefined || answer.usage === null) return failure;
  return { ...failure, usage: toUsage(answer.usage, 0) };
};

/**
 * A cut answer stays `max_tokens` whatever it holds, a filtered one a refusal; an emitted tool call makes it `tool_use`, which the status does not
 * tell.
 */
export const stopReasonOf = (
  answer: ResponsesAnswer,
  emitted: { tools: boolean; refusal: boolean },
): StopReason => {
  if (answer.status === "incomplete")
    return answer.incomplete_details?.reason === "content_filter" ? "refusal" : "max_tokens";
  if (emitted.tools) return "tool_use";
  return emitted.refusal ? "refusal" : "end_turn";
};
