/** What every dialect owes the router, whatever it speaks. A new entry of the list is tested at once. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DialectName } from "../../../src/config/types.ts";
import type { MessagesRequest } from "../../../src/protocol/anthropic.ts";
import type { HttpDialect } from "../../../src/router/dialects/dialect.ts";
import { dialects } from "../../support/dialects.ts";
import { StreamSink } from "../../../src/router/sinks/stream-sink.ts";
import { accumulate } from "../../support/accumulate.ts";
import { decodeStreamed, decodeWhole, dialectContext } from "../../support/dialect-context.ts";
import { cutAt, everyByte } from "../../support/rechunk.ts";
import { problemsOf } from "../../support/validate-anthropic-stream.ts";
import { endMarks, samples } from "./samples.ts";

const all = Object.values(dialects);
const http = all
  .filter((dialect): dialect is HttpDialect => dialect.kind === "http")
  .map((dialect) => [dialect.name, dialect] as const);

/** A request with everything that today's client sends, and with what tomorrow's might. */
const request = {
  model: "claude-sonnet-4-5",
  max_tokens: 32_000,
  stream: true,
  system: [
    { type: "text", text: "x-anthropic-billing-header: cch=1;" },
    { type: "text", text: "You help.", cache_control: { type: "ephemeral" } },
  ],
  messages: [
    {
      role: "user",
      content: [
        { type: "text", text: "hi" },
        { type: "novelty", payload: [1] },
      ],
    },
    { role: "system", content: "" },
    {
      role: "assistant",
      content: [
        { type: "thinking", thinking: "hm", signature: "abc" },
        { type: "redacted_thinking", data: "zz" },
        { type: "server_tool_use", id: "srv_1", name: "web_search", input: { query: "q" } },
        { type: "tool_use", id: "call_1", name: "Read", input: { path: "/a" } },
      ],
    },
    {
      role: "user",
      content: [
        {
          type: "tool_result",
          tool_use_id: "call_1",
          is_error: true,
          content: [{ type: "tool_reference", tool_name: "Cron" }],
        },
        { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } },
      ],
    },
  ],
  tools: [
    { name: "Read", input_schema: { type: "object" } },
    { name: "Cron", defer_loading: true, input_schema: { type: "object" } },
    { type: "web_search_20250305", name: "web_search" },
  ],
  tool_choice: { type: "auto" },
  thinking: { type: "adaptive", display: "summarized" },
  output_config: { effort: "medium" },
  metadata: { user_id: "u".repeat(200) },
  novelty: { a: 1 },
} as unknown as MessagesRequest;

const frozen = <Value>(value: Value): Value => {
  if (typeof value === "object" && value !== null) {
    Object.freeze(value);
    for (const inner of Object.values(value)) frozen(inner);
  }
  return value;
};

test("every dialect is listed under its own name", () => {
  for (const [name, dialect] of Object.entries(dialects)) expect(dialect.name).toBe(name);
});

describe.each(http)("%s", (name: DialectName, dialect) => {
  const options = { dialect: name };

  test("encodes what the client sends, now and later, and the same request to the same bytes", () => {
    const context = dialectContext({ ...options, model: "vendor/model-1" });
    const first = dialect.encode(frozen(structuredClone(request)), context);
    expect(first.path.startsWith("/")).toBe(true);
    // In the body, or in the path.
    expect(`${first.path} ${String(first.body)}`).toContain("vendor/model-1");
    expect(String(dialect.encode(structuredClone(request), context).body)).toBe(String(first.body));
  });

  test("leaves the request as it is, so that the next target gets it whole", () => {
    const copy = structuredClone(request);
    dialect.encode(copy, dialectContext(options));
    expect(copy).toEqual(request);
  });

  test("adds no key of its own: that is the upstream's work", () => {
    const { headers } = dialect.encode(request, dialectContext(options));
    expect(Object.keys(headers).map((header) => header.toLowerCase())).not.toContain("authorization");
    expect(Object.keys(headers).map((header) => header.toLowerCase())).not.toContain("x-api-key");
  });

  const sample = samples[name] ?? "";

  test("decodes its sample to the same message at every cut", () => {
    const bytes = Buffer.from(sample);
    const cuts = [[bytes], everyByte(bytes), ...Array.from(bytes, (_, at) => cutAt(bytes, [at]))];
    for (const chunks of cuts) {
      const answer = accumulate(decodeStreamed(dialect, chunks, options));
      expect(problemsOf(answer.frames)).toEqual([]);
      expect(answer).toMatchObject({
        text: "Héllo 你好",
        tools: [{ id: "call_1", name: "Read", input: { path: "/a" } }],
        stopReason: "tool_use",
      });
      expect(answer.usage).toMatchObject({ input_tokens: 9, output_tokens: 7 });
    }
  });

  test("takes its sample for cut wherever it is cut before the stop reason, and never for a silent or regular end", () => {
    const bytes = Buffer.from(sample);
    const until = bytes.indexOf(endMarks[name]);
    expect(until).toBeGreaterThan(0);
    for (let at = 0; at < until; at += 7) {
      const answer = accumulate(decodeStreamed(dialect, [bytes.subarray(0, at)], options));
      expect(answer.error?.message, `cut at ${at}`).toBeTruthy();
      expect(answer.stopReason).toBeUndefined();
    }
  });

  test("throws at nothing that a provider may send, and always ends", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json().map((json) => `data: ${json}\n\n`),
          fc.constant(sample),
        ),
        fc.nat(400),
        (text, at) => {
          const bytes = Buffer.from(text);
          decodeStreamed(dialect, cutAt(Buffer.concat([bytes, Buffer.from(sample)]), [at]), options);
          decodeStreamed(dialect, [bytes], options);
        },
      ),
      { numRuns: 200 },
    );
    for (const body of [null, 1, "x", [], {}, { error: "no" }, { content: 1 }, { choices: 1 }])
      expect(decodeWhole(dialect, body, options)).toHaveProperty("failure.message");
  });

  test.each([400, 401, 403, 404, 413, 429, 500, 502, 503, 529])(
    "says of a status %i what it was, in words",
    (status) => {
      for (const body of [
        "",
        "plain",
        "<html><title>Bad</title></html>",
        '{"error":{"message":"words"}}',
        "{broken",
      ]) {
        const failure = dialect.decodeError(status, { "retry-after": "5" }, body);
        expect(failure.status).toBeGreaterThanOrEqual(400);
        expect(failure.type).toMatch(/_error$|^request_too_large$/);
        expect(failure.message).not.toBe("");
        expect(failure.message).not.toContain("<");
        expect(failure.retryAfter).toBe("5");
      }
    },
  );
});

const local = all
  .filter((dialect) => dialect.kind === "local")
  .map((dialect) => [dialect.name, dialect] as const);

test.each(local)(
  "%s answers by itself, whatever is asked, and says which rule sent it there",
  (name, dialect) => {
    const sink = new StreamSink("m");
    dialect.answer(request, sink, { ...dialectContext({ dialect: name }), routedBy: "longContext" });
    const answer = accumulate(sink.take());
    expect(problemsOf(answer.frames)).toEqual([]);
    expect(answer.text).toContain("longContext");
  },
);
