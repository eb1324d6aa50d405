/** A provider's error answer of Anthropic's form. Its body goes back unmodified: the client reads its words. */
import { errorTypeOfStatus } from "../../../shared/errors.ts";
import type { HttpDialect, UpstreamFailure } from "../dialect.ts";
import { decodeError as decodeAnyError } from "../shared/errors.ts";

export const decodeError: HttpDialect["decodeError"] = (status, headers, body) => {
  const parsed = parseError(body);
  if (!saysTooLong(parsed?.message ?? "")) {
    // A server that stands before another provider quotes its words, by which the client would not know that it must compact.
    const known = decodeAnyError(status, headers, body);
    if (saysTooLong(known.message)) return known;
  }
  const retryAfter = headers["retry-after"];
  const failure: UpstreamFailure = {
    status,
    type: parsed?.type ?? errorTypeOfStatus(status),
    message: parsed?.message ?? summary(body, status),
  };
  if (parsed?.whole === true) failure.body = Buffer.from(body);
  if (typeof retryAfter === "string") failure.retryAfter = retryAfter;
  return failure;
};

/** The words by which the client knows that it must compact. */
const saysTooLong = (message: string): boolean => /prompt is too long/i.test(message);

const parseError = (body: string): { type?: string; message: string; whole: boolean } | undefined => {
  try {
    const json = JSON.parse(body) as { type?: unknown; error?: unknown; message?: unknown; msg?: unknown };
    const error = json.error;
    if (
      typeof error === "object" &&
      error !== null &&
      "message" in error &&
      typeof error.message === "string"
    ) {
      const type = "type" in error && typeof error.type === "string" ? error.type : undefined;
      return {
        message: error.message,
        whole: json.type === "error" && type !== undefined,
        ...(json.type === "error" && type !== undefined && { type }),
      };
    }
    const words = [error, json.message, json.msg].find((w) => typeof w === "string" && w !== "");
    return typeof words === "string" ? { message: words, whole: false } : undefined;
  } catch {
    return undefined;
  }
};

/** Words for a body that is no error of a known form: a page of HTML is named, not quoted. */
const summary = (body: string, status: number): string => {
  const text = body.trim();
  if (text === "") return `status ${status} without a body`;
  if (/^\s*<(!doctype|html)/i.test(text))
    return `status ${status} with an HTML page instead of an API answer`;
  return text.slice(0, 500);
};
