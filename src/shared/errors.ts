/**
 * The one table of what can go wrong: code -> message, hint, exit status, HTTP status, Anthropic error type.
 * A message says what happened; `detail` (given where it is thrown) says where and what was found; the hint says what to do.
 */
import {
  type AnthropicErrorType,
  type ErrorRow,
  type ExitStatus,
  row,
  statusOfErrorType,
} from "./error-row.ts";
import { accessErrors } from "./errors-access.ts";
import { machineErrors } from "./errors-machine.ts";

export { type AnthropicErrorType, statusOfErrorType };

export const errorTable = {
  // Wrong use and configuration
  "usage.invalid": row("Wrong use", "See `switchyard --help`.", 2, 400, "invalid_request_error"),
  // What was asked was left with Ctrl-C: there is nothing to be told what to do about.
  "usage.stopped": row("Stopped; nothing was written", "", 130, 400, "invalid_request_error"),
  "config.invalid": row(
    "The configuration is not valid",
    "Correct the lines named above.",
    2,
    500,
    "api_error",
  ),
  "config.unreadable": row(
    "The configuration cannot be read",
    "Check the path and its permissions.",
    2,
    500,
    "api_error",
  ),
  "secrets.insecure": row(
    "The file of keys can be read by others",
    "Run: chmod 600 on it.",
    2,
    500,
    "api_error",
  ),
  "secrets.invalid": row("The file of keys is not valid", "Each line is NAME=value.", 2, 500, "api_error"),

  // The router's own HTTP answers
  "request.malformed": row(
    "The request body is not valid",
    "Send a JSON object of this endpoint's API.",
    2,
    400,
    "invalid_request_error",
  ),
  "request.query": row(
    "The query of the address is not valid",
    "GET /api/openapi.json says what this path takes.",
    2,
    400,
    "invalid_request_error",
  ),
  "request.tooLarge": row(
    "The request body is too large",
    "Raise server.bodyLimit, or send less.",
    2,
    413,
    "request_too_large",
  ),
  "request.noSuchEndpoint": row(
    "No such endpoint",
    "The router serves POST /v1/messages, POST /v1/messages/count_tokens, POST /v1/chat/completions, POST /v1/responses, POST /v1beta/models/MODEL:generateContent (and :streamGenerateContent, :countTokens), GET /v1/models, GET /health and GET /ready.",
    2,
    404,
    "not_found_error",
  ),
  "request.noSuchModel": row(
    "No target of this name is configured",
    "GET /v1/models lists them.",
    2,
    404,
    "not_found_error",
  ),
  "request.cannotCount": row(
    "Input tokens are not counted here",
    "Every answer tells its tokens under `usage`; for an estimate set server.countTokens to estimate.",
    2,
    501,
    "api_error",
  ),
  "request.wrongMethod": row(
    "This endpoint does not take that method",
    "See the `allow` header.",
    2,
    405,
    "invalid_request_error",
  ),
  "auth.missing": row(
    "No client key was sent",
    "Send it as Authorization: Bearer, x-api-key, x-goog-api-key or x-switchyard-key.",
    2,
    401,
    "authentication_error",
  ),
  "auth.foreign": row(
    "Without a client key only programs of this machine are served",
    "Set server.clientKeys, or ask for 127.0.0.1.",
    2,
    403,
    "permission_error",
  ),
  "auth.wrong": row(
    "The client key is not known here",
    "Compare it with server.clientKeys.",
    2,
    401,
    "authentication_error",
  ),
  "route.noTarget": row(
    "No target of the route can answer",
    "Set a key for one of its providers, or change the route.",
    1,
    503,
    "api_error",
  ),

  "router.draining": row(
    "The router is about to end, and begins nothing new",
    "Ask again in a moment.",
    1,
    503,
    "overloaded_error",
  ),
  "router.ended": row(
    "The router ended before the answer was complete",
    "Send the message again; a longer server.drain lets more be finished.",
    1,
    503,
    "api_error",
  ),
  "router.none": row(
    "No router of this project runs",
    "Start one: make shell-router, or make up.",
    1,
    503,
    "api_error",
  ),
  "router.refused": row(
    "A router did not do what it was asked",
    "See: switchyard status.",
    1,
    500,
    "api_error",
  ),
  "reload.refused": row(
    "A router did not take the configuration, and keeps the one before it",
    "See: switchyard status, switchyard logs.",
    1,
    500,
    "api_error",
  ),
  "reload.unable": row(
    "This router cannot read its configuration again",
    "Start it anew.",
    1,
    409,
    "invalid_request_error",
  ),

  ...accessErrors,

  "ledger.failed": row(
    "The ledger cannot be read or written",
    "Look at the ledger's folder; the router's log says more.",
    1,
    500,
    "api_error",
  ),
  "ledger.off": row(
    "The ledger is switched off",
    "Set ledger.enabled to true, and start the router anew.",
    1,
    404,
    "not_found_error",
  ),
  "ledger.none": row(
    "No router of this project has a ledger yet",
    "It begins with the first turn: make shell-router.",
    1,
    404,
    "not_found_error",
  ),
  "ledger.noTurn": row(
    "The ledger has no turn of this id",
    "GET /api/turns lists them.",
    1,
    404,
    "not_found_error",
  ),

  "models.pull": row(
    "The model was not fetched",
    "Is Ollama there (make up with stack.ollama.enabled, or ollama serve), and is the name one of its library?",
    1,
    502,
    "api_error",
  ),
  "persist.refused": row(
    "The client's settings were left as they are",
    "Change what is named above, or put into your shell's start-up file what `switchyard env CLIENT` prints.",
    1,
    409,
    "invalid_request_error",
  ),
  "profile.unknown": row(
    "There is no profile of this name",
    "Name one of these; each is a file of config/profiles/, or stands under `profiles` of the configuration.",
    2,
    404,
    "not_found_error",
  ),
  "profile.disabled": row(
    "No model of the profile can be asked",
    "Set its key: switchyard secrets set NAME.",
    1,
    503,
    "api_error",
  ),

  "ledger.noCapture": row(
    "Nothing is kept of what was said in this turn",
    "GET /api/captures lists what is kept; capture.requests and capture.answers have more kept.",
    1,
    404,
    "not_found_error",
  ),

  "route.unknownProvider": row(
    "The model names a provider that is not configured",
    "Name one of these, or add it to `providers`.",
    2,
    404,
    "not_found_error",
  ),

  // Providers
  "upstream.unreachable": row(
    "The provider cannot be reached",
    "Check its baseUrl and that it is running.",
    1,
    502,
    "api_error",
  ),
  "upstream.cut": row(
    "The provider ended the answer before it was complete",
    "Send the message again.",
    1,
    502,
    "api_error",
  ),
  "upstream.notJson": row(
    "The provider answered something that is not its protocol",
    "Check its baseUrl.",
    1,
    502,
    "api_error",
  ),
  "upstream.badStream": row(
    "The provider sent a stream that cannot be understood",
    "Send the message again; if it repeats, report it with the log.",
    1,
    502,
    "api_error",
  ),
  "upstream.timeout": row(
    "The provider was silent for too long",
    "Raise its timeouts, or choose another.",
    1,
    504,
    "timeout_error",
  ),
  "upstream.keyRejected": row(
    "The provider does not accept the key",
    "Check the key of this provider.",
    1,
    401,
    "authentication_error",
  ),

  ...machineErrors,
  internal: row(
    "Something went wrong inside Switchyard",
    "Please report it with the lines above.",
    1,
    500,
    "api_error",
  ),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof errorTable;

export interface ErrorDetail {
  /** Where and what: a file and line, an address, a provider; more than one line is allowed. */
  detail?: string;
  /** Instead of the table's hint, where something better is known. */
  hint?: string;
  /** Instead of the table's HTTP status and type: a provider's own. */
  http?: number;
  type?: AnthropicErrorType;
  cause?: unknown;
  /** Headers that go with an HTTP answer, such as `allow` or `retry-after`. */
  headers?: Record<string, string>;
}

/** Every failure that a user is told of. Whatever else is thrown is a bug of ours. */
export class SwitchyardError extends Error {
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly hint: string;
  readonly exitStatus: ExitStatus;
  readonly httpStatus: number;
  readonly type: AnthropicErrorType;
  readonly headers: Record<string, string>;

  constructor(code: ErrorCode, options: ErrorDetail = {}) {
    const entry = errorTable[code];
    super(options.detail === undefined ? entry.message : `${entry.message}: ${options.detail}`, {
      cause: options.cause,
    });
    this.name = "SwitchyardError";
    this.code = code;
    this.detail = options.detail;
    this.hint = options.hint ?? entry.hint;
    this.exitStatus = entry.exit;
    this.httpStatus = options.http ?? entry.http;
    this.type = options.type ?? entry.type;
    this.headers = options.headers ?? {};
  }
}

/** The message of anything that was thrown. */
export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);

/** The `code` of a Node system error (ENOENT, EADDRINUSE, ECONNREFUSED, …), or undefined. */
export const systemCodeOf = (thrown: unknown): string | undefined => {
  if (typeof thrown !== "object" || thrown === null || !("code" in thrown)) return undefined;
  return typeof thrown.code === "string" ? thrown.code : undefined;
};

/** The Anthropic error type that fits an HTTP status best. */
export const errorTypeOfStatus = (status: number): AnthropicErrorType => {
  switch (status) {
    case 401:
      return "authentication_error";
    case 402:
      return "billing_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    case 504:
    case 408:
      return "timeout_error";
    case 503:
    case 529:
      return "overloaded_error";
    default:
      return status >= 500 ? "api_error" : "invalid_request_error";
  }
};
