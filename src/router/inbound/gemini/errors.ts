/** Failures in Google's shape (google.aip.dev/193; ai.google.dev/gemini-api/docs/troubleshooting): what its SDKs and Gemini CLI act upon. */
import type { UpstreamFailure } from "../../dialects/dialect.ts";

/** Names of google.rpc.Code by the HTTP status that belongs to them. */
const names: Readonly<Record<number, string>> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  402: "FAILED_PRECONDITION",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  408: "DEADLINE_EXCEEDED",
  409: "ABORTED",
  429: "RESOURCE_EXHAUSTED",
  499: "CANCELLED",
  501: "UNIMPLEMENTED",
  503: "UNAVAILABLE",
  504: "DEADLINE_EXCEEDED",
};

/** Anthropic's own status for overload means nothing to Google's clients. */
const statusOf = (status: number): number => (status === 529 ? 503 : status);

/** Gemini CLI waits as long as this says. */
const retryDetails = (retryAfter: string | undefined): object[] =>
  retryAfter !== undefined && /^\d+(?:\.\d+)?$/.test(retryAfter)
    ? [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: `${retryAfter}s` }]
    : [];

export const geminiErrorBody = (failure: UpstreamFailure): string => {
  const code = statusOf(failure.status);
  const details = retryDetails(failure.retryAfter);
  return JSON.stringify({
    error: {
      code,
      message: failure.message,
      status: names[code] ?? (code < 500 ? "INVALID_ARGUMENT" : "INTERNAL"),
      ...(details.length > 0 && { details }),
    },
  });
};

export const geminiErrorAnswer = (failure: UpstreamFailure): { status: number; body: string | Buffer } => ({
  status: statusOf(failure.status),
  body: failure.body ?? geminiErrorBody(failure),
});
