/** What a failed connection, a time-out or a body that is not the protocol means, in Anthropic's terms. */
import { errorTable, messageOf, systemCodeOf, type ErrorCode } from "../../shared/errors.ts";
import type { UpstreamFailure } from "../dialects/dialect.ts";

/** A failure of ours, from the table of errors. `detail` is for the client's eyes. */
export const failureOf = (code: ErrorCode, detail: string): UpstreamFailure & { code: ErrorCode } => {
  const row = errorTable[code];
  const message = `${row.message}: ${detail}. ${row.hint}`;
  // What is not of the protocol is quoted.
  return {
    code,
    status: row.http,
    type: row.type,
    message,
    ...(code !== "upstream.notJson" && { own: true }),
  };
};

/** undici's and the system's codes for a connection that never came about. */
const unreachable = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ETIMEDOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);

/** undici's codes of a provider that is silent, and the setting that says how long it may be. */
const timedOut: Readonly<Record<string, string>> = {
  UND_ERR_HEADERS_TIMEOUT: "timeouts.firstByte",
  UND_ERR_BODY_TIMEOUT: "timeouts.idle",
};

/** Codes of a connection that broke after it had come about. */
const lost = new Set(["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"]);

/** The connection broke under the request: a kept one that the provider was just closing does so, and a new one will do. */
export const isLostConnection = (error: unknown): boolean => lost.has(systemCodeOf(error) ?? "");

/** @param where the provider's name and origin */
export const failureOfError = (
  error: unknown,
  where: string,
  headSeen: boolean,
): UpstreamFailure & { code: ErrorCode } => {
  const code = systemCodeOf(error) ?? systemCodeOf((error as { cause?: unknown } | undefined)?.cause);
  // A header that cannot be sent: a key with a line end or a foreign character in it. The message names the header only.
  if (code === "UND_ERR_INVALID_ARG") {
    const row = errorTable["upstream.keyRejected"];
    const message = `A request to ${where} cannot be sent: ${messageOf(error)}. ${row.hint}`;
    return { code: "upstream.keyRejected", status: row.http, type: row.type, message };
  }
  const setting = code === undefined ? undefined : timedOut[code];
  if (setting !== undefined) return failureOf("upstream.timeout", `${where} (${setting})`);
  if (code !== undefined && (unreachable.has(code) || !headSeen))
    return failureOf("upstream.unreachable", `${where} (${code})`);
  if (!headSeen) return failureOf("upstream.unreachable", `${where} (${messageOf(error)})`);
  return failureOf("upstream.cut", where);
};

/** An answer that was to be JSON or a stream and is neither: a page of HTML is named, not quoted. */
export const notProtocol = (body: string, contentType: string, where: string): UpstreamFailure => {
  const kind = /^\s*<(!doctype|html)/i.test(body)
    ? "an HTML page"
    : contentType === ""
      ? "a body of no type"
      : contentType;
  const quoted =
    kind === "an HTML page" || body.trim() === "" ? "" : `, beginning ${JSON.stringify(body.slice(0, 120))}`;
  return failureOf("upstream.notJson", `${where} sent ${kind}${quoted}`);
};

/** A redirect, which no API answers with: the address is that of a web page or of an old place. Its query may hold a token. */
export const redirected = (status: number, location: string, where: string): UpstreamFailure => {
  const to = location === "" ? "" : ` to ${location.split(/[?#]/, 1)[0]!.slice(0, 200)}`;
  return failureOf("upstream.notJson", `${where} redirects${to} (status ${status})`);
};
