import { createParser } from "eventsource-parser";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SseParser } from "../../src/protocol/sse.ts";
import { cutAt, everyByte, randomly } from "../support/rechunk.ts";

interface Seen {
  events: { event: string; data: string }[];
  unknown: [name: string, value: string][];
}

const read = (chunks: readonly Buffer[]): Seen => {
  const seen: Seen = { events: [], unknown: [] };
  const parser = new SseParser({
    onEvent: (event, data) => seen.events.push({ event, data }),
    onUnknownField: (name, value) => seen.unknown.push([name, value]),
  });
  for (const chunk of chunks) parser.push(chunk);
  parser.end();
  return seen;
};

const dataOf = (text: string): string[] => read([Buffer.from(text)]).events.map((event) => event.data);

describe("events from bytes", () => {
  test("an event that the end of the stream leaves without its blank line is delivered", () => {
    expect(dataOf("data: a\n\ndata: [DONE]")).toEqual(["a", "[DONE]"]);
  });

  test("a bare error line is reported, with what it says", () => {
    expect(read([Buffer.from('data: a\n\nerror: {"message":"no"}\n\n')]).unknown).toEqual([
      ["error", '{"message":"no"}'],
    ]);
  });

  test("a comment is no event, also right before one and between its lines", () => {
    expect(dataOf(": wait\n\n: wait\ndata: a\n: wait\ndata: b\n\n")).toEqual(["a\nb"]);
  });

  test("CRLF, CR and LF end a line, also where a CRLF is cut in two", () => {
    const bytes = Buffer.from("data: a\r\n\r\ndata: b\r\rdata: c\n\n");
    for (const chunks of [[bytes], everyByte(bytes)])
      expect(read(chunks).events.map((event) => event.data)).toEqual(["a", "b", "c"]);
  });

  test("U+2028 is a character like any other, and the characters of every language survive any cut", () => {
    const bytes = Buffer.from("\uFEFFdata: a\u2028b 你好 👩‍💻\n\n");
    expect(read(everyByte(bytes)).events).toEqual([{ event: "", data: "a\u2028b 你好 👩‍💻" }]);
  });

  test("a line of 8 MB in reads of 16 KB is one event, and is joined only once", () => {
    const line = Buffer.from(`data: ${"x".repeat(8 << 20)}\n\n`);
    const offsets = Array.from({ length: line.length >> 14 }, (_, i) => i << 14);
    expect(read(cutAt(line, offsets)).events[0]?.data.length).toBe(8 << 20);
  });
});

/** Lines of every kind, with every line end. */
const stream = fc
  .array(
    fc.tuple(
      fc.oneof(
        fc.constant(""),
        fc
          .tuple(
            fc.constantFrom("data: ", "data:", "data", "event: ", "event:", "id: ", ": ", ":", "retry: "),
            fc.string({ unit: "grapheme", maxLength: 12 }),
          )
          .map(([field, value]) => field + (field === "data" ? "" : value.replaceAll(/[\r\n\0]/g, ""))),
      ),
      fc.constantFrom("\n", "\r\n"),
    ),
    { maxLength: 40 },
  )
  .map((lines) => lines.map(([line, end]) => line + end).join("") + "\n\n");

test("any chunking of the same bytes gives the same events", () => {
  fc.assert(
    fc.property(stream, fc.integer(), fc.integer({ min: 1, max: 30 }), (text, seed, longest) => {
      const bytes = Buffer.from(text);
      expect(read(randomly(bytes, seed, longest))).toEqual(read([bytes]));
    }),
    { numRuns: 500 },
  );
});

test("the events are those that the eventsource-parser package finds", () => {
  fc.assert(
    fc.property(stream, (text) => {
      const events: Seen["events"] = [];
      const parser = createParser({
        onEvent: ({ event, data }) => events.push({ event: event ?? "", data }),
      });
      parser.feed(text);
      expect(read(everyByte(Buffer.from(text))).events).toEqual(events);
    }),
    { numRuns: 500 },
  );
});
