import { describe, expect, test } from "vitest";
import type { UpstreamFailure } from "../../../../src/router/dialects/dialect.ts";
import { openaiChat } from "../../../../src/router/dialects/openai-chat/index.ts";
import { decodeWhole } from "../../../support/dialect-context.ts";

const failure = (status: number, body: unknown, headers: Record<string, string> = {}): UpstreamFailure =>
  openaiChat.decodeError(status, headers, typeof body === "string" ? body : JSON.stringify(body));

describe("a conversation that is too long tells the client to compact", () => {
  test.each([
    [
      400,
      {
        error: {
          message:
            "This model's maximum context length is 128000 tokens. However, your messages resulted in 150000 tokens.",
          code: "context_length_exceeded",
        },
      },
    ],
    [
      400,
      {
        error: {
          message: "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
          status: "INVALID_ARGUMENT",
        },
      },
    ],
    [
      413,
      {
        error: {
          message: "Please reduce the length of the messages or completion.",
          code: "context_length_exceeded",
        },
      },
    ],
    [
      500,
      {
        error: { message: "the request exceeds the available context size. try increasing the context size" },
      },
    ],
    [400, { object: "error", message: "Prompt is too long for this model", code: 400 }],
    [422, { detail: "Input is too long for requested model." }],
  ])("%i %j", (status, body) => {
    const { message, ...rest } = failure(status, body);
    expect(rest).toEqual({ status: 400, type: "invalid_request_error" });
    expect(message.toLowerCase()).toContain("prompt is too long");
  });

  test("but too large a max_tokens does not: a shorter conversation would not help", () => {
    const body = {
      error: {
        message:
          "max_tokens is too large: 128000. This model supports at most 16384 completion tokens, whereas you provided 128000. Its context window is larger.",
      },
    };
    expect(failure(400, body).message).not.toContain("prompt is too long");
  });

  test("nor does a limit of tokens per minute", () => {
    const body = {
      error: { message: "Rate limit reached: too many tokens per minute", code: "rate_limit_exceeded" },
    };
    expect(failure(429, body)).toMatchObject({ status: 429, type: "rate_limit_error" });
  });
});

describe("what went wrong keeps its kind", () => {
  test.each([
    [
      "a wrong key",
      401,
      { error: { message: "Incorrect API key provided: sk-proj-abcdefghijkl1234", code: "invalid_api_key" } },
      401,
      "authentication_error",
    ],
    [
      "a wrong key that is answered with 400",
      400,
      [
        {
          error: {
            code: 400,
            message: "API key not valid. Please pass a valid API key.",
            status: "INVALID_ARGUMENT",
          },
        },
      ],
      401,
      "authentication_error",
    ],
    [
      "an empty account",
      429,
      {
        error: {
          message: "You exceeded your current quota",
          type: "insufficient_quota",
          code: "insufficient_quota",
        },
      },
      402,
      "billing_error",
    ],
    [
      "an empty account, said with 402",
      402,
      { error: { message: "Insufficient Balance" } },
      402,
      "billing_error",
    ],
    [
      "a quota per minute, in the same words",
      429,
      [
        {
          error: {
            code: 429,
            message: "You exceeded your current quota, please check your plan",
            status: "RESOURCE_EXHAUSTED",
          },
        },
      ],
      429,
      "rate_limit_error",
    ],
    ["no right to the model", 403, { error: { message: "no access" } }, 403, "permission_error"],
    ["an unknown model", 404, { error: { message: "model not found" } }, 404, "not_found_error"],
    ["an overloaded provider", 503, { error: { message: "try later" } }, 503, "overloaded_error"],
    [
      "an overloaded provider, said with 500",
      500,
      { error: { message: "Overloaded", type: "overloaded_error" } },
      529,
      "overloaded_error",
    ],
    [
      "a refused field",
      422,
      { detail: [{ loc: ["body", "stop"], msg: "Extra inputs are not permitted" }] },
      422,
      "invalid_request_error",
    ],
  ])("%s", (_, status, body, expectedStatus, type) => {
    expect(failure(status, body)).toMatchObject({ status: expectedStatus, type });
  });
});

describe("the provider's own words are kept", () => {
  test.each([
    ["OpenAI", { error: { message: "the words" } }, "the words"],
    ["a string", { error: "the words" }, "the words"],
    ["a message alone", { message: "the words" }, "the words"],
    ["FastAPI", { detail: "the words" }, "the words"],
    ["FastAPI, a list", { detail: [{ loc: ["body", "n"], msg: "the words" }] }, "body.n: the words"],
    ["Google's list", [{ error: { message: "the words" } }], "the words"],
    ["plain text", "the words", "the words"],
    [
      "OpenRouter, with what the provider behind it said",
      {
        error: { message: "Provider returned error", metadata: { raw: '{"error":{"message":"the words"}}' } },
      },
      "Provider returned error: the words",
    ],
    [
      "OpenRouter, with text behind it",
      { error: { message: "Provider returned error", metadata: { raw: "the words" } } },
      "Provider returned error: the words",
    ],
  ])("%s", (_, body, words) => {
    expect(failure(400, body).message).toBe(words);
  });

  test("a page of HTML is summarised", () => {
    const { message } = failure(
      502,
      "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body><h1>x</h1></body></html>",
    );
    expect(message).toContain("502 Bad Gateway");
    expect(message).not.toContain("<h1>");
  });

  test("an empty body still says something", () => {
    expect(failure(500, "").message).toContain("500");
  });

  test("but never a key, and never without end", () => {
    expect(
      failure(401, { error: { message: "Incorrect API key provided: sk-proj-abcdefghijkl1234." } }).message,
    ).not.toContain("abcdefghijkl");
    expect(failure(500, "x".repeat(100_000)).message.length).toBeLessThan(3000);
  });
});

describe("retry-after is not dropped", () => {
  test.each([
    ["as the header came", { "retry-after": "17" }, {}, "17"],
    ["from milliseconds", { "retry-after-ms": "1500" }, {}, "2"],
    [
      "from Google's details",
      {},
      [
        {
          error: {
            message: "slow",
            details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "34.07s" }],
          },
        },
      ],
      "35",
    ],
  ])("%s", (_, headers, body, expected) => {
    expect(failure(429, body, headers).retryAfter).toBe(expected);
  });
});

test("an error with status 200 is an error", () => {
  const answer = decodeWhole(openaiChat, { error: { message: "too many requests", code: 429 } });
  expect(answer).toEqual({
    failure: { status: 429, type: "rate_limit_error", message: "too many requests" },
  });
});

test.each([[{}], [null], ["text"], [[]], [{ choices: [] }], [{ choices: [null] }]])(
  "%j in the place of an answer is an error, not a crash",
  (body) => {
    expect(decodeWhole(openaiChat, body)).toHaveProperty("failure.message");
  },
);
