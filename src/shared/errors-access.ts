/** What is told to those who may not: client keys, limits, budgets, and the administration. */
import type { AnthropicErrorType } from "./error-row.ts";

const row = (
  message: string,
  hint: string,
  http: number,
  type: AnthropicErrorType,
): { message: string; hint: string; exit: 1 | 2; http: number; type: AnthropicErrorType } => ({
  message,
  hint,
  exit: 1,
  http,
  type,
});

export const accessErrors = {
  "auth.ended": row("The client key is no longer valid", "Ask for a new one.", 401, "authentication_error"),
  "client.unknownKey": row(
    "There is no such client key",
    "See: switchyard keys list.",
    404,
    "not_found_error",
  ),
  "client.keyInvalid": row(
    "The client key cannot be made like this",
    "See: switchyard keys create --help.",
    400,
    "invalid_request_error",
  ),
  "client.model": row("The client key may not use this model", "Choose another.", 403, "permission_error"),
  "client.profile": row(
    "The client key may not use this profile",
    "Choose another.",
    403,
    "permission_error",
  ),
  "limit.client": row("The limit of the client key is reached", "Ask again later.", 429, "rate_limit_error"),
  "budget.exceeded": row(
    "The budget is used up",
    "Wait until it begins anew, or raise it.",
    402,
    "billing_error",
  ),
  "budget.held": row(
    "The rest of the budget is held by turns under way",
    "Ask again in a moment.",
    429,
    "rate_limit_error",
  ),
  "admin.needed": row(
    "The administration needs its own token",
    "A client key does not suffice: switchyard admin token.",
    401,
    "authentication_error",
  ),
  "admin.wrong": row(
    "The administrator's token is not known here",
    "Make a new one: switchyard admin token.",
    401,
    "authentication_error",
  ),
  "admin.slow": row("Too many wrong tokens", "Wait, then try again.", 429, "rate_limit_error"),
  "admin.foreign": row(
    "The administration was asked for by another host or page",
    "Ask by 127.0.0.1 or an address; names: admin.hosts of the configuration.",
    403,
    "permission_error",
  ),
  "config.readOnly": row(
    "The configuration cannot be changed here",
    "Change it on the machine that started the router, then: switchyard reload.",
    409,
    "invalid_request_error",
  ),
  "config.changed": row(
    "The configuration was changed by somebody else meanwhile",
    "Load it again, and make the change anew.",
    409,
    "invalid_request_error",
  ),
} as const;
