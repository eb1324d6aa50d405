/** `finish_reason` in Anthropic's terms. */
import type { StopReason } from "../../../protocol/anthropic.ts";
import { errorTable } from "../../../shared/errors.ts";
import type { UpstreamFailure } from "../dialect.ts";

/**
 * What a finish reason means, given what was emitted. A cut answer stays `max_tokens` whatever it holds; an emitted tool call makes it
 * `tool_use` even where the provider says stop (or else the client never runs the tool); `tool_calls` without any call is an ordinary end.
 */
export const toStopReason = (
  finish: string | undefined,
  emitted: { tools: boolean; refusal: boolean },
): StopReason => {
  switch (finish) {
    case "length":
    case "max_tokens":
    case "MAX_TOKENS":
    case "max_output_tokens":
      return "max_tokens";
    case "content_filter":
    case "SAFETY":
    case "sensitive": // Zhipu
      return "refusal";
    default:
      if (emitted.tools) return "tool_use";
      return emitted.refusal ? "refusal" : "end_turn";
  }
};

/** Finish reasons that say that the answer failed. `error`: OpenRouter; `network_error`: Zhipu; the other: DeepSeek, out of capacity. */
export const failureOfFinish = (finish: string): UpstreamFailure | undefined => {
  switch (finish) {
    case "error":
    case "network_error":
      return {
        status: 502,
        type: "api_error",
        message: `${errorTable["upstream.cut"].message} (finish_reason: ${finish})`,
      };
    case "insufficient_system_resource":
      return {
        status: 529,
        type: "overloaded_error",
        message: `The provider is out of capacity (finish_reason: ${finish})`,
      };
    default:
      return undefined;
  }
};
