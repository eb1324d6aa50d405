/** The quick reading of a passing stream says what the plain one says: with carriage returns every event is parsed. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { AnthropicTap } from "../../../../src/router/dialects/anthropic/tap.ts";
import { withFolder } from "../../../support/data-folders.ts";

const seenBy = (parts: readonly string[]): object => {
  const tap = new AnthropicTap();
  for (const part of parts) tap.push(Buffer.from(part));
  tap.end();
  const { started, failure, ended, errorSent, usage, stopReason } = tap;
  return { started, failure, ended, errorSent, usage, stopReason };
};

const withCarriageReturns = (text: string): string => text.replaceAll("\n", "\r\n");

/** Cut behind every event, at most `most` events a part. */
const inParts = (stream: string, most: number): string[] => {
  const events = stream.split(/(?<=\n\n)/);
  return Array.from({ length: Math.ceil(events.length / most) }, (_, i) =>
    events.slice(i * most, (i + 1) * most).join(""),
  );
};

const expectTheSame = (stream: string, most: number): void => {
  expect(seenBy(inParts(stream, most))).toEqual(seenBy([withCarriageReturns(stream)]));
};

const words = fc.oneof(
  fc.constantFrom("message_stop", "error", "event: message_delta", "é message_ ☃", ""),
  fc.string({ unit: "binary", maxLength: 12 }),
);
const count = fc.nat(500);
const event = fc
  .oneof(
    fc.record({
      type: fc.constant("message_start"),
      message: fc.record({ usage: fc.record({ input_tokens: count }) }),
    }),
    fc.record({ type: fc.constant("content_block_delta"), delta: fc.record({ text: words }) }),
    fc.record({
      type: fc.constant("message_delta"),
      delta: fc.record({ stop_reason: words }),
      usage: fc.record({ output_tokens: count }),
    }),
    fc.record({ type: fc.constant("error"), error: fc.record({ type: words, message: words }) }),
    fc.record({ type: fc.constantFrom("message_stop", "ping", "message_new") }),
  )
  .chain((data) =>
    fc
      .constantFrom("event: ", "event:", "id: error\nevent: ")
      .map((head) => `${head}${data.type}\ndata: ${JSON.stringify(data)}\n\n`),
  );

test("of any stream that passes as bytes the same is known, however many events come at once", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof({ weight: 9, arbitrary: event }, fc.constantFrom("\n", ": error\n\n", "data: message_\n\n")),
        {
          maxLength: 30,
        },
      ),
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom("", "event: message_stop\ndata: {}", "event: mess", "\uFEFF"),
      (events, most, rest) =>
        expectTheSame(rest === "\uFEFF" ? rest + events.join("") : events.join("") + rest, most),
    ),
  );
});

withFolder("RECORDINGS", "recorded streams of Anthropic's form, read quickly", (folder) => {
  const streams = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.startsWith("anthropic") && name.endsWith(".sse"))
    .map((name) => readFileSync(join(folder, name), "utf8").replaceAll("\r\n", "\n"));

  test("recorded streams of Anthropic's form are understood alike, event by event and as a whole", () => {
    expect(streams.length).toBeGreaterThan(5);
    for (const stream of streams) for (const most of [1, 7, 10_000]) expectTheSame(stream, most);
  });
});
