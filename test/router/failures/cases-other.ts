/** Errors of Gemini, of Anthropic and who speaks its form, and of the Responses API. */
import { type Case, error, typed } from "./case.ts";

export const geminiCases: Case[] = [
  [
    "by the minute",
    "rateLimited",
    429,
    {
      error: {
        code: 429,
        message: "You exceeded your current quota, please check your plan and billing details.",
        status: "RESOURCE_EXHAUSTED",
        details: [{ violations: [{ quotaId: "GenerateRequestsPerMinutePerProjectPerModel-FreeTier" }] }],
      },
    },
  ],
  [
    "without details",
    "rateLimited",
    429,
    [
      {
        error: {
          code: 429,
          message: "Resource has been exhausted (e.g. check quota).",
          status: "RESOURCE_EXHAUSTED",
        },
      },
    ],
  ],
  [
    "overloaded",
    "overloaded",
    503,
    {
      error: {
        code: 503,
        message: "The model is overloaded. Please try again later.",
        status: "UNAVAILABLE",
      },
    },
  ],
  [
    "wrong key as 400",
    "keyRejected",
    400,
    {
      error: {
        code: 400,
        message: "API key not valid. Please pass a valid API key.",
        status: "INVALID_ARGUMENT",
        details: [{ reason: "API_KEY_INVALID" }],
      },
    },
  ],
  [
    "no such model",
    "modelUnknown",
    404,
    {
      error: {
        code: 404,
        message: "models/gemini-9 is not found for API version v1beta",
        status: "NOT_FOUND",
      },
    },
  ],
  [
    "window",
    "contextTooLong",
    400,
    {
      error: {
        code: 400,
        message: "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
        status: "INVALID_ARGUMENT",
      },
    },
  ],
  [
    "a signature of another model",
    "reasoningRejected",
    400,
    { error: { code: 400, message: "Thought signature is not valid.", status: "INVALID_ARGUMENT" } },
  ],
  [
    "a signature that is missing",
    "unable",
    400,
    {
      error: {
        code: 400,
        message: "Function call is missing a thought_signature in functionCall parts.",
        status: "INVALID_ARGUMENT",
      },
    },
  ],
  [
    "region",
    "unable",
    400,
    {
      error: {
        code: 400,
        message: "User location is not supported for the API use.",
        status: "FAILED_PRECONDITION",
      },
    },
  ],
  [
    "a schema that is wrong",
    "badRequest",
    400,
    {
      error: {
        code: 400,
        message: 'Invalid JSON payload received. Unknown name "x"',
        status: "INVALID_ARGUMENT",
      },
    },
  ],
];

export const anthropicCases: Case[] = [
  [
    "per minute",
    "rateLimited",
    429,
    typed(
      "rate_limit_error",
      "This request would exceed your organization's rate limit of 30,000 input tokens per minute.",
    ),
  ],
  ["overloaded", "overloaded", 529, typed("overloaded_error", "Overloaded")],
  ["its own trouble", "unavailable", 500, typed("api_error", "Internal server error")],
  ["wrong key", "keyRejected", 401, typed("authentication_error", "invalid x-api-key")],
  [
    "credit as 400",
    "quota",
    400,
    typed("invalid_request_error", "Your credit balance is too low to access the Anthropic API."),
  ],
  [
    "own limit of spending as 400",
    "quota",
    400,
    typed(
      "invalid_request_error",
      "You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC.",
    ),
  ],
  ["no such model", "modelUnknown", 404, typed("not_found_error", "model: claude-9")],
  [
    "window",
    "contextTooLong",
    400,
    typed("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
  ],
  [
    "window with the output counted in",
    "contextTooLong",
    400,
    typed(
      "invalid_request_error",
      "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000",
    ),
  ],
  ["too many bytes", "badRequest", 413, typed("request_too_large", "Request exceeds the maximum size")],
  [
    "a signature of another model",
    "reasoningRejected",
    400,
    typed("invalid_request_error", "messages.1.content.0: Invalid `signature` in `thinking` block"),
  ],
  [
    "thinking that was changed",
    "reasoningRejected",
    400,
    typed(
      "invalid_request_error",
      "messages.3.content.0: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified.",
    ),
  ],
  [
    "a beta field",
    "badRequest",
    400,
    typed("invalid_request_error", "context_management: Extra inputs are not permitted"),
  ],
  [
    "Z.AI's balance, its code as the type",
    "quota",
    429,
    typed("1113", "Insufficient balance or no resource package. Please recharge."),
  ],
];

export const responsesCases: Case[] = [
  [
    "encrypted reasoning of another account",
    "reasoningRejected",
    400,
    error("The encrypted content gAAA could not be verified.", {
      type: "invalid_request_error",
      code: "invalid_encrypted_content",
    }),
  ],
  [
    "reasoning that was left alone",
    "reasoningRejected",
    400,
    error("Item 'rs_1' of type 'reasoning' was provided without its required following item.", {
      type: "invalid_request_error",
    }),
  ],
  [
    "reasoning that is not kept",
    "reasoningRejected",
    404,
    error("Item with id 'rs_1' not found. Items are not persisted when `store` is set to false.", {
      type: "invalid_request_error",
    }),
  ],
];
