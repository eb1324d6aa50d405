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

/**
 * An `error` event (`{type: "error", error: {type, message}}`) as a failure with the status that its type has. Type and message that stand in
 * the event itself are read too.
 */
export const failureOfErrorEvent = (event: unknown): UpstreamFailure => {
  const outer = (event ?? {}) as { type?: unknown; message?: unknown; error?: unknown };
  if (typeof outer.error === "string") return { status: 502, type: "api_error", message: outer.error };
  const { type, message } = (outer.error ?? outer) as { type?: unknown; message?: unknown };
  const name = typeof type === "string" && type !== "" && type !== "error" ? type : "api_error";
  return {
    status: Object.hasOwn(statusOfErrorType, name) ? statusOfErrorType[name as AnthropicErrorType] : 502,
    type: name,
    message:
      typeof message === "string" && message !== ""
        ? message
        : "The provider reported an error without words",
  };
};
