/** Failures in OpenAI's shape (developers.openai.com, guides/error-codes): what its SDKs and the Codex CLI act upon. */
import type { UpstreamFailure } from "../../dialects/dialect.ts";

export interface OpenAiError {
  message: string;
  type: string;
  param: string | null;
  code: string | null;
}

/** Anthropic's types of errors as OpenAI's type and code. */
const kinds: Readonly<Record<string, readonly [type: string, code: string | null]>> = {
  invalid_request_error: ["invalid_request_error", null],
  authentication_error: ["invalid_request_error", "invalid_api_key"],
  billing_error: ["insufficient_quota", "insufficient_quota"],
  permission_error: ["invalid_request_error", "permission_denied"],
  not_found_error: ["invalid_request_error", "model_not_found"],
  request_too_large: ["invalid_request_error", "request_too_large"],
  rate_limit_error: ["rate_limit_error", "rate_limit_exceeded"],
  api_error: ["server_error", "server_error"],
  timeout_error: ["server_error", "timeout"],
  overloaded_error: ["server_error", "server_is_overloaded"],
};

/** The words by which every dialect says that the conversation does not fit. */
const tooLong = /prompt is too long/i;

export const openAiError = (failure: Pick<UpstreamFailure, "type" | "message">): OpenAiError => {
  const [type, code] = kinds[failure.type] ?? [failure.type, null];
  return {
    message: failure.message,
    type,
    param: null,
    code:
      failure.type === "invalid_request_error" && tooLong.test(failure.message)
        ? "context_length_exceeded"
        : code,
  };
};

/** Anthropic's own status for overload means nothing to OpenAI's clients. */
export const openAiStatus = (status: number): number => (status === 529 ? 503 : status);

export const openAiErrorAnswer = (failure: UpstreamFailure): { status: number; body: string | Buffer } => ({
  status: openAiStatus(failure.status),
  body: failure.body ?? JSON.stringify({ error: openAiError(failure) }),
});
