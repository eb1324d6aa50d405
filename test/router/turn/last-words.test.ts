import { describe, expect, test } from "vitest";
import type { UpstreamFailure } from "../../../src/router/dialects/dialect.ts";
import type { FailureKind } from "../../../src/router/failures/kinds.ts";
import { type Failed, lastWords, type Resting } from "../../../src/router/turn/last-words.ts";

const now = Date.parse("2026-11-21T10:00:00Z");

const failed = (target: string, kind: FailureKind, failure: Partial<UpstreamFailure> = {}): Failed => ({
  target,
  kind,
  failure: { status: 500, type: "api_error", message: `words of ${target}`, ...failure },
});
const resting = (model: string, seconds: number): Resting => ({
  target: { provider: "p", model },
  until: now + seconds * 1000,
  reason: "rateLimited",
});

describe("a conversation that is too long tells the client to compact", () => {
  const body = Buffer.from("{}");
  test("in Anthropic's words, where a provider of its form has others, and whatever failed behind it", () => {
    const all = [
      failed("zai,glm", "contextTooLong", { status: 400, message: "Prompt exceeds max length", body }),
      failed("b,m", "unavailable", { status: 503 }),
    ];
    const told = lastWords(all, [], now);
    expect([told.status, told.type, told.body]).toEqual([400, "invalid_request_error", undefined]);
    expect(told.message).toContain("prompt is too long: Prompt exceeds max length");
  });
  test.each([
    "prompt is too long: 210000 tokens > 200000 maximum",
    "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000",
  ])("and Anthropic's own are left as they are: %s", (message) => {
    const own = failed("anthropic,m", "contextTooLong", { status: 400, message, body });
    expect(lastWords([own], [], now)).toMatchObject({ message, body });
  });
});

describe("retry-after is the first time at which something may answer", () => {
  test("of those that rest, and of those that said so in this turn", () => {
    const limited = failed("a,m", "rateLimited", { status: 429, until: now + 4_200 });
    expect(lastWords([limited], [resting("m", 60)], now).retryAfter).toBe("5");
    expect(lastWords([limited], [resting("m", 2)], now).retryAfter).toBe("2");
    expect(lastWords([], [resting("m", 60), resting("n", 30)], now)).toMatchObject({
      status: 429,
      retryAfter: "30",
    });
  });
  test("none is named while a target that failed by chance may be asked again at once, however long another rests", () => {
    const silent = failed("b,m", "timeout", { status: 504 });
    expect(lastWords([silent], [resting("m", 604_800)], now).retryAfter).toBeUndefined();
    expect(lastWords([silent, failed("p,m", "rateLimited")], [resting("m", 60)], now)).not.toHaveProperty(
      "retryAfter",
    );
  });
  test("what does not end by itself names none", () => {
    const rejected = failed("a,m", "keyRejected", { status: 401, until: now + 5000 });
    expect(lastWords([rejected], [], now).retryAfter).toBeUndefined();
  });
});

describe("what was said more than once is told once", () => {
  test("and a single provider's own body goes back as it is, however often it was asked", () => {
    const body = Buffer.from("{}");
    const said = failed("a,m", "unavailable", { message: "no", body });
    expect(lastWords([said, said, said], [], now)).toMatchObject({ message: "no", body });
    const told = lastWords([said, said, failed("b,m", "unavailable")], [], now);
    expect(told.message).toBe("b,m: words of b,m (tried before: a,m: no)");
  });
});
