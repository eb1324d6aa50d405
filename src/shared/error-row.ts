/** A row of the table of errors. */

/** Anthropic's error types and the HTTP status of each (platform.claude.com/docs/en/api/errors). */
export const statusOfErrorType = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
} as const;

export type AnthropicErrorType = keyof typeof statusOfErrorType;

/** 1 failed, 2 wrong use or wrong configuration, 130 ended with Ctrl-C (128 and the number of SIGINT, as shells have it). */
export type ExitStatus = 1 | 2 | 130;

export interface ErrorRow {
  /** What happened, one sentence without a full stop. */
  message: string;
  /** What to do about it. */
  hint: string;
  /** Exit status of a CLI command that ends with it. */
  exit: ExitStatus;
  /** HTTP status where it is answered by the router. */
  http: number;
  type: AnthropicErrorType;
}

export const row = (
  message: string,
  hint: string,
  exit: ExitStatus,
  http: number,
  type: AnthropicErrorType,
): ErrorRow => ({
  message,
  hint,
  exit,
  http,
  type,
});
