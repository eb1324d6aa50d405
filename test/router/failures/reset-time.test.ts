import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { longestRest, restUntil, type Headers } from "../../../src/router/failures/reset-time.ts";

const now = Date.parse("2026-11-21T10:00:00.000Z");
const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
/** The provider's clock shows the same. */
const date = "Sat, 21 Nov 2026 10:00:00 GMT";

/** Milliseconds from now, or undefined. */
const rest = (headers: Headers, body: unknown = "", at = now): number | undefined => {
  const until = restUntil(headers, typeof body === "string" ? body : JSON.stringify(body), at);
  return until === undefined ? undefined : until - at;
};

describe("headers of each provider", () => {
  test.each<[string, Headers, number | undefined]>([
    ["seconds", { "retry-after": "34" }, 34 * second],
    ["seconds with decimals", { "retry-after": "1.5" }, 1500],
    ["a date", { "retry-after": "Sat, 21 Nov 2026 10:02:00 GMT", date }, 2 * minute],
    [
      "seconds and milliseconds: the later counts",
      { "retry-after-ms": "1500", "retry-after": "2" },
      2 * second,
    ],
    ["milliseconds alone", { "retry-after-ms": "1500" }, 1500],
    ["a list of headers", { "retry-after": ["7", "9"] }, 7 * second],
    [
      "OpenAI: the limit that is used up, not the other",
      {
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "6m0s",
        "x-ratelimit-remaining-tokens": "29000",
        "x-ratelimit-reset-tokens": "20h",
      },
      6 * minute,
    ],
    ["OpenAI: milliseconds", { "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "6ms" }, 6],
    [
      "Groq: minutes and seconds with decimals",
      { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "2m59.56s" },
      179_560,
    ],
    [
      "Groq: its retry-after goes before a limit of the day",
      { "retry-after": "2", "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "12h" },
      2 * second,
    ],
    [
      "Cerebras: seconds, by the minute and the day",
      { "x-ratelimit-remaining-tokens-minute": "0", "x-ratelimit-reset-tokens-minute": "11.38" },
      11_380,
    ],
    [
      "OpenRouter: milliseconds since 1970",
      { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(now + hour) },
      hour,
    ],
    ["seconds since 1970", { "x-ratelimit-reset": String((now + hour) / 1000) }, hour],
    ["Moonshot: seconds from now", { "x-ratelimit-reset": "20" }, 20 * second],
    ["an ISO date", { "x-ratelimit-reset": "2026-11-21T10:00:30Z" }, 30 * second],
    ["the draft's one header", { ratelimit: "limit=20, remaining=0, reset=12" }, 12 * second],
    [
      "the draft's one header with something left",
      { ratelimit: "limit=20, remaining=3, reset=12" },
      undefined,
    ],
    [
      "Anthropic: the later of two limits that are used up",
      {
        "anthropic-ratelimit-requests-remaining": "0",
        "anthropic-ratelimit-requests-reset": "2026-11-21T10:00:10Z",
        "anthropic-ratelimit-input-tokens-remaining": "0",
        "anthropic-ratelimit-input-tokens-reset": "2026-11-21T10:00:40Z",
        "anthropic-ratelimit-output-tokens-remaining": "8000",
        "anthropic-ratelimit-output-tokens-reset": "2026-11-21T12:00:00Z",
      },
      40 * second,
    ],
    [
      "Anthropic's plans: the claim that was rejected, not the one that was allowed",
      {
        "anthropic-ratelimit-unified-status": "rejected",
        "anthropic-ratelimit-unified-reset": String((now + 3 * hour) / 1000),
        "anthropic-ratelimit-unified-7d-status": "allowed",
        "anthropic-ratelimit-unified-7d-reset": String((now + 90 * hour) / 1000),
      },
      3 * hour,
    ],
    [
      "ChatGPT's plans: the window that is full",
      {
        "x-codex-primary-used-percent": "100",
        "x-codex-primary-reset-at": String((now + 4 * hour) / 1000),
        "x-codex-secondary-used-percent": "80",
        "x-codex-secondary-reset-at": String((now + 90 * hour) / 1000),
      },
      4 * hour,
    ],
    ["nothing", {}, undefined],
    ["a word", { "retry-after": "soon" }, undefined],
    ["zero", { "retry-after": "0" }, undefined],
    ["less than nothing", { "retry-after": "-5" }, undefined],
  ])("%s", (_, headers, expected) => {
    expect(rest(headers)).toBe(expected);
  });
});

describe("what stands in the body", () => {
  const google = (...details: object[]): object => ({
    error: { code: 429, status: "RESOURCE_EXHAUSTED", details },
  });
  const retryInfo = { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "34.5s" };
  const perDay = { violations: [{ quotaId: "GenerateRequestsPerDayPerProjectPerModel-FreeTier" }] };
  const perMinute = { violations: [{ quotaId: "GenerateRequestsPerMinutePerProjectPerModel-FreeTier" }] };
  const message = (text: string): object => ({ error: { message: text } });

  test.each<[string, unknown, number | undefined]>([
    ["Gemini: a delay", google(perMinute, retryInfo), 34_500],
    ["Gemini: a delay, in a list", [google(retryInfo)], 34_500],
    // 10:00 UTC is 02:00 in California.
    ["Gemini: a quota of the day is back at midnight in California", google(perDay, retryInfo), 22 * hour],
    ["OpenAI: seconds", message("Rate limit reached. Please try again in 1.2s."), 1200],
    ["OpenAI: minutes", message("Please try again in 6m0s. Visit https://x"), 6 * minute],
    ["OpenAI: milliseconds", message("Please try again in 450ms."), 450],
    ["OpenAI, older: words", message("Please try again in 20 seconds"), 20 * second],
    ["Groq: hours", message("Please try again in 1h2m3.5s."), hour + 2 * minute + 3500],
    ["Gemini: words", message("Please retry in 12.5s."), 12_500],
    ["Moonshot", message("Your account reached max request: 3, please try again after 1 seconds"), second],
    [
      "ChatGPT's plans: both forms",
      { error: { resets_in_seconds: 7200, resets_at: (now + 2 * hour) / 1000 } },
      2 * hour,
    ],
    ["ChatGPT's plans: a date", { error: { resets_at: "2026-11-21T11:00:00Z" } }, hour],
    [
      "OpenRouter: its headers",
      {
        error: {
          metadata: { headers: { "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": String(now + hour) } },
        },
      },
      hour,
    ],
    ["a gateway: milliseconds", { retry_after_ms: 1500 }, 1500],
    // 22:00 in Beijing is 14:00 UTC.
    [
      "Z.AI: Beijing's clock",
      message("Usage limit reached for 5 hour. Your limit will reset at 2026-11-21 22:00:00"),
      4 * hour,
    ],
    ["BigModel", message("您的限额将在 2026-11-21 22:00:00 重置。"), 4 * hour],
    ["Anthropic", message("You will regain access on 2026-11-22 at 00:00 UTC."), 14 * hour],
    ["Claude's plans", message(`Claude AI usage limit reached|${(now + hour) / 1000}`), hour],
    ["a page", "<html><title>Retry later</title></html>", undefined],
    ["no time", message("Please try again later"), undefined],
    ["a time of something else", message("It took 30 seconds; see the guide in 5 languages"), undefined],
    ["half of a body", '{"error":{"message":"Please try again in 20s', 20 * second],
  ])("%s", (_, body, expected) => {
    expect(rest({}, body)).toBe(expected);
  });

  test("of header and body the later counts: a second now is no use where the plan is used up for hours", () => {
    expect(rest({ "retry-after": "1" }, { error: { resets_in_seconds: 3600 } })).toBe(hour);
    expect(rest({ "retry-after": "60" }, message("Please try again in 1s"))).toBe(minute);
  });

  test.each([
    ["the night before the clocks go back", "2026-11-01T06:30:00Z", "2026-11-01T07:00:00Z"],
    ["the day on which they go back has 25 hours", "2026-11-01T07:30:00Z", "2026-11-02T08:00:00Z"],
    ["the day on which they go forward has 23", "2026-03-08T08:30:00Z", "2026-03-09T07:00:00Z"],
  ])("California's midnight: %s", (_, at, until) => {
    expect(rest({}, google(perDay), Date.parse(at))).toBe(Date.parse(until) - Date.parse(at));
  });
});

describe("clocks that are wrong", () => {
  test("a provider's date is held against its own clock: ours may be an hour late or early", () => {
    for (const skew of [-hour, hour, -3 * second, 400 * 24 * hour]) {
      const theirs = now + skew;
      const headers = {
        date: new Date(theirs).toUTCString(),
        "retry-after": new Date(theirs + 2 * minute).toUTCString(),
      };
      expect(rest(headers)).toBe(2 * minute);
      expect(rest({ date: headers.date }, { error: { resets_at: (theirs + minute) / 1000 } })).toBe(minute);
    }
  });
  test("seconds from now are the same by any clock", () => {
    expect(rest({ date: new Date(now - hour).toUTCString(), "retry-after": "30" })).toBe(30 * second);
  });
  test("a second of difference is the header's own rounding", () => {
    expect(
      rest({ date: "Sat, 21 Nov 2026 09:59:59 GMT", "x-ratelimit-reset": String((now + minute) / 1000) }),
    ).toBe(minute);
  });
  test("a time that has passed is none", () => {
    expect(rest({ date, "retry-after": "Sat, 21 Nov 2026 09:00:00 GMT" })).toBeUndefined();
    expect(rest({ "x-ratelimit-reset": "1" }, "", now)).toBe(second);
  });
  test("no rest is longer than a week, whatever was said", () => {
    expect(rest({ "retry-after": "99999999" })).toBe(longestRest);
    expect(rest({ "retry-after": "Sat, 21 Nov 2099 10:00:00 GMT", date })).toBe(longestRest);
    expect(rest({}, { error: { resets_in_seconds: 602_705 } })).toBe(602_705 * second);
  });
});

test("whatever is sent, the answer is none, or later than now and within a week", () => {
  const names = fc.constantFrom(
    "retry-after",
    "retry-after-ms",
    "date",
    "ratelimit",
    "x-ratelimit-reset",
    "x-ratelimit-reset-requests",
    "x-ratelimit-remaining",
    "anthropic-ratelimit-tokens-reset",
    "x-codex-primary-reset-at",
  );
  const values = fc.oneof(
    fc.string(),
    fc.double().map(String),
    fc.integer().map((value) => `${value}s`),
    fc.date({ noInvalidDate: true }).map((value) => value.toUTCString()),
  );
  const bodies = fc.oneof(
    fc.string(),
    fc.json(),
    values.map((value) => JSON.stringify({ error: { resets_at: value } })),
  );
  fc.assert(
    fc.property(fc.dictionary(names, values), bodies, (headers, body) => {
      const until = restUntil(headers, body, now);
      return until === undefined || (until > now && until <= now + longestRest);
    }),
    { numRuns: 2000 },
  );
});
