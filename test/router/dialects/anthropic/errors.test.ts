/** What the client is told when a provider of Anthropic's form refuses. */
import { describe, expect, it } from "vitest";
import { decodeError } from "../../../../src/router/dialects/anthropic/errors.ts";

const body = (message: string, type = "invalid_request_error"): string =>
  JSON.stringify({ type: "error", error: { type, message } });

describe("a conversation that is too long", () => {
  it("tells the client to compact, where a server in between quotes its provider", () => {
    const words =
      "litellm.ContextWindowExceededError: OpenAIException - This model's maximum context length is 8192 tokens.";
    const failure = decodeError(400, {}, body(words));
    expect(failure).toMatchObject({ status: 400, type: "invalid_request_error" });
    expect(failure.message).toMatch(/^prompt is too long: .*8192 tokens/);
    expect(failure.body).toBeUndefined();
  });

  it("goes back as it came where it says so already", () => {
    const said = body("prompt is too long: 210000 tokens > 200000 maximum");
    expect(decodeError(400, {}, said).body?.toString()).toBe(said);
  });
});

it("any other refusal goes back as it came, with the time to wait", () => {
  const said = body("Slow down please.", "rate_limit_error");
  const failure = decodeError(429, { "retry-after": "17" }, said);
  expect(failure.body?.toString()).toBe(said);
  expect(failure).toMatchObject({ status: 429, type: "rate_limit_error", retryAfter: "17" });
});
