/** The ways in which a stream of Anthropic's form can fail after its head. */
import { errorTable, statusOfErrorType, type AnthropicErrorType } from "../../../shared/errors.ts";
import type { UpstreamFailure } from "../dialect.ts";

export const cutFailure = (): UpstreamFailure => ({
  status: errorTable["upstream.cut"].http,
  type: errorTable["upstream.cut"].type,
  message: errorTable["upstream.cut"].message,
});

export const notUnderstood = (data: string): UpstreamFailure => ({
  status: errorTable["upstream.badStream"].http,
  type: errorTable["upstream.badStream"].type,
  message: `${errorTable["upstream.badStream"].message}: ${data.slice(0, 200)}`,
});

/** An `error` event (`{type: "error", error: {type, message}}`) as a failure with the status that its type has. */
export const failureOfErrorEvent = (event: unknown): UpstreamFailure => {
  const error = (event as { error?: unknown }).error;
  if (typeof error === "string") return { status: 502, type: "api_error", message: error };
  const { type, message } = (error ?? {}) as { type?: unknown; message?: unknown };
  const name = typeof type === "string" ? type : "api_error";
  return {
    status: name in statusOfErrorType ? statusOfErrorType[name as AnthropicErrorType] : 502,
    type: name,
    message:
      typeof message === "string" && message !== ""
        ? message
        : "the provider reported an error without words",
  };
};
