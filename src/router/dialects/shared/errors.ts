/** Providers' errors in Anthropic's terms: the status and type that make the client do the right thing, the provider's own words kept. */
import { type AnthropicErrorType, errorTypeOfStatus, statusOfErrorType } from "../../../shared/errors.ts";
import type { UpstreamFailure } from "../dialect.ts";

type Fields = Record<string, unknown>;
type Headers = Readonly<Record<string, string | string[] | undefined>>;

const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
const text = (value: unknown): string => (typeof value === "string" ? value.trim() : "");

const longest = 2000;

/** Keys that providers repeat in their messages, whole or in part. */
const keyLike = /\b(?:sk|pk|gsk|xai|rk|AIza|Bearer)[-_ ]?[A-Za-z0-9_*.-]{12,}/g;

const tidy = (message: string): string => {
  const plain = message.replaceAll(keyLike, "[key]");
  return plain.length > longest ? `${plain.slice(0, longest)}…` : plain;
};

/** A page of HTML comes from something in between, or from a wrong address: its title says enough. */
const summaryOfHtml = (html: string): string => {
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(html)?.[1]?.replaceAll(/\s+/g, " ").trim();
  return title
    ? `The provider answered with a page of HTML (“${title.slice(0, 200)}”)`
    : "The provider answered with a page of HTML";
};

interface Said {
  message: string;
  /** Codes and types that the provider gave, joined: only searched. */
  codes: string;
  status: number | undefined;
}

/** `{error: {…}}`, `{error: "…"}`, `{message}`, FastAPI's `{detail}`, Google's list around it, or plain text. */
const readBody = (body: unknown): Said => {
  if (Array.isArray(body)) return readBody(body[0]);
  if (typeof body === "string") return { message: text(body), codes: "", status: undefined };
  const outer = fieldsOf(body);
  if (typeof outer["error"] === "string" && outer["error"] !== "") {
    const longer = text(outer["message"]) || text(outer["error_description"]);
    return {
      message: longer || text(outer["error"]),
      codes: outer["error"],
      status: statusIn(outer["status"]),
    };
  }
  const error = Object.keys(fieldsOf(outer["error"])).length > 0 ? fieldsOf(outer["error"]) : outer;
  let message = text(error["message"]) || text(error["msg"]) || detailOf(error["detail"] ?? outer["detail"]);
  if (message === "" && Array.isArray(outer["errors"])) message = readBody(outer["errors"][0]).message;
  const raw = rawOf(fieldsOf(error["metadata"])["raw"]);
  if (raw !== "" && !message.includes(raw)) message = message === "" ? raw : `${message}: ${raw}`;
  const status = statusIn(error["code"]) ?? statusIn(error["status"]) ?? statusIn(error["status_code"]);
  return { message, codes: [error["code"], error["type"], error["status"]].join(" "), status };
};

/** FastAPI: a string, or a list of `{loc, msg}`. */
const detailOf = (detail: unknown): string => {
  if (typeof detail === "string") return detail.trim();
  if (!Array.isArray(detail)) return text(fieldsOf(detail)["message"]);
  return detail
    .map((item) => {
      const { loc, msg } = fieldsOf(item);
      return Array.isArray(loc) ? `${loc.join(".")}: ${text(msg)}` : text(msg) || text(item);
    })
    .filter((line) => line !== "")
    .join("; ");
};

/** OpenRouter's `metadata.raw`: what the provider behind it said, as text or as JSON in text. */
const rawOf = (raw: unknown): string => {
  if (typeof raw === "object" && raw !== null) return readBody(raw).message;
  const plain = text(raw);
  if (!plain.startsWith("{") && !plain.startsWith("[")) return plain;
  try {
    return readBody(JSON.parse(plain)).message || plain;
  } catch {
    return plain;
  }
};

const statusIn = (value: unknown): number | undefined => {
  const status = typeof value === "string" ? Number(value) : value;
  return typeof status === "number" && Number.isInteger(status) && status >= 400 && status < 600
    ? status
    : undefined;
};

/** The ways in which providers say that the conversation does not fit into the model's window. */
const tooLongWords = new RegExp(
  [
    "context_length_exceeded|exceed_context_size",
    "context[ _](?:length|window)|maximum context",
    "exceeds? the (?:available|model'?s?) context",
    "exceeds? the (?:model'?s? )?max(?:imum)? (?:allowed )?(?:number of )?(?:input |prompt )?(?:tokens|length)",
    "(?:prompt|input|request|messages?|conversation) (?:is |are |was )?too (?:long|large) for",
    "(?:prompt|input) (?:is )?too long",
    "too many (?:input |prompt )tokens",
    "reduce the length of the (?:messages|prompt|input)",
    // Each in the words of one: xAI, Moonshot, Z.AI, Anthropic with the output counted in, vLLM, SiliconFlow, DashScope, Ark, Copilot.
    "maximum prompt length",
    "exceed(?:s|ed)? (?:the )?model token limit",
    "exceeds? max(?:imum)? length",
    "exceeds? (?:the )?context limit",
    "longer than the maximum model length",
    "prompt_tokens[^.]{0,40}max_seq_len",
    "range of input length should be",
    "exceed max message tokens",
    "token count[^.]{0,40}exceeds the limit",
  ].join("|"),
  "i",
);
/** About the output that was asked for: a shorter conversation would not help. */
export const aboutOutput =
  /max(?:_completion|_output|imum output|imum completion)?_?tokens[^.]{0,60}too (?:large|big|high)|completion tokens, whereas/i;
export const noMoney =
  /insufficient[_ ](?:quota|balance|credits?|funds)|exceeded_current_quota|billing_hard_limit|billing_not_active|credit balance is too low|arrearage/i;
export const wrongKey =
  /(?:invalid|incorrect|wrong)[_ ]api[_ -]?key|api[_ ]key[_ ](?:is )?(?:not valid|not found|invalid|expired)|API_KEY_INVALID|no auth credentials|invalid_authentication/i;
const overloaded = /\boverloaded(?:_error)?\b|insufficient_system_resource/i;

/** Whether a provider says that the conversation does not fit into the model's window. */
export const isTooLong = (words: string): boolean => tooLongWords.test(words) && !aboutOutput.test(words);

/** What kind of failure it is: a few that providers report with a misleading status first. */
const classify = (status: number, said: Said): { status: number; type: AnthropicErrorType } => {
  const words = `${said.codes} ${said.message}`;
  const of = (type: AnthropicErrorType) => ({ status: statusOfErrorType[type], type });
  if ((status < 500 || status === 500) && status !== 401 && status !== 429 && isTooLong(words))
    return of("invalid_request_error");
  if (status < 500 && (noMoney.test(said.codes) || (status !== 429 && noMoney.test(said.message))))
    return of("billing_error");
  if (status < 500 && status !== 429 && wrongKey.test(words)) return of("authentication_error");
  if (status >= 500 && overloaded.test(words)) return of("overloaded_error");
  return { status, type: errorTypeOfStatus(status) };
};

/** The words with which Anthropic says it, and by which the client knows that it must compact. */
const promptTooLong = "prompt is too long";

const toFailure = (status: number, said: Said, fallback: string): UpstreamFailure => {
  const kind = classify(status, said);
  const words = `${said.codes} ${said.message}`;
  let message = said.message === "" ? fallback : tidy(said.message);
  const tooLong = kind.type === "invalid_request_error" && isTooLong(words);
  if (tooLong && !message.toLowerCase().includes(promptTooLong)) message = `${promptTooLong}: ${message}`;
  return { ...kind, message };
};

const header = (headers: Headers, name: string): string => {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value)?.trim() ?? "";
};

/** `retry-after` as it came; OpenAI's and Azure's milliseconds and Google's RetryInfo in seconds. */
const retryAfterOf = (headers: Headers, body: unknown): string | undefined => {
  const plain = header(headers, "retry-after");
  if (plain !== "") return plain;
  const milliseconds = Number(header(headers, "retry-after-ms") || Number.NaN);
  if (Number.isFinite(milliseconds)) return String(Math.ceil(milliseconds / 1000));
  const error = fieldsOf(fieldsOf(Array.isArray(body) ? body[0] : body)["error"]);
  const details = error["details"];
  if (!Array.isArray(details)) return undefined;
  for (const detail of details) {
    const seconds = /^(\d+(?:\.\d+)?)s$/.exec(text(fieldsOf(detail)["retryDelay"]))?.[1];
    if (seconds !== undefined) return String(Math.ceil(Number(seconds)));
  }
  return undefined;
};

/** An error that stands in an answer with status 200, or in the middle of a stream. */
export const failureOfBody = (body: unknown): UpstreamFailure => {
  const said = readBody(body);
  const failure = toFailure(
    said.status ?? statusOfCodes(said.codes) ?? 500,
    said,
    "The provider reported an error without a word",
  );
  const retryAfter = retryAfterOf({}, body);
  return retryAfter === undefined ? failure : { ...failure, retryAfter };
};

/** Codes of errors that come without a status, in a stream or in an answer: OpenAI's (api reference, responses, error codes) and Google's. */
const statusOfCodes = (codes: string): number | undefined => {
  if (/rate_limit|RESOURCE_EXHAUSTED|too_many_requests|insufficient_quota/i.test(codes)) return 429;
  if (
    /invalid_request|invalid_prompt|invalid_encrypted_content|invalid_(?:base64_)?image|image_(?:too|file|content)|cyber_policy/i.test(
      codes,
    )
  )
    return 400;
  if (/overloaded|slow_down/i.test(codes)) return 529;
  return undefined;
};

/** See `HttpDialect.decodeError`. A body with status 200 is an error too, when this is called for it. */
export const decodeError = (status: number, headers: Headers, body: string): UpstreamFailure => {
  const plain = body.trim();
  let parsed: unknown = plain;
  if (/^[[{"]/.test(plain)) {
    try {
      parsed = JSON.parse(plain);
    } catch {
      // cut off at the limit, or not JSON after all: the text is what there is
    }
  } else if (/^(?:<!doctype html|<html|<\?xml|<head|<body)/i.test(plain)) parsed = summaryOfHtml(plain);
  const said = readBody(parsed);
  const failed = status >= 400 ? status : (said.status ?? statusOfCodes(said.codes) ?? 502);
  const fallback =
    plain === "" || said.message !== "" ? `The provider answered ${status} without a word` : tidy(plain);
  const failure = toFailure(failed, said, fallback);
  const retryAfter = retryAfterOf(headers, parsed);
  return retryAfter === undefined ? failure : { ...failure, retryAfter };
};
