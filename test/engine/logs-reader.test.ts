/** The engine's log format, put together by hand. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLogReader, type LogLine, logTime, longestLine } from "../../src/engine/log-reader.ts";

const time = (n: number): string => `2026-11-21T06:33:04.${String(n).padStart(9, "0")}Z`;

const frame = (stream: 1 | 2, message: string): Buffer => {
  const body = Buffer.from(message);
  const head = Buffer.alloc(8);
  head[0] = stream;
  head.writeUInt32BE(body.length, 4);
  return Buffer.concat([head, body]);
};

const read = (bytes: Buffer, options: { tty?: boolean; cuts?: readonly number[] } = {}): LogLine[] => {
  const lines: LogLine[] = [];
  const reader = createLogReader(options.tty ?? false, (line) => lines.push(line));
  let from = 0;
  for (const cut of [...(options.cuts ?? []), bytes.length].toSorted((a, b) => a - b)) {
    reader.push(bytes.subarray(from, cut));
    from = Math.max(from, cut);
  }
  reader.end();
  return lines;
};

const piece = 16 * 1024;

describe("the log of a container", () => {
  it("each line has its time; an empty line stays one", () => {
    const bytes = Buffer.concat([
      frame(1, `${time(1)} one\n`),
      frame(2, `${time(2)} \n`),
      frame(1, `${time(3)} äöü\r\n`),
    ]);
    expect(read(bytes)).toEqual([
      { time: time(1), text: "one" },
      { time: time(2), text: "" },
      { time: time(3), text: "äöü" },
    ]);
  });

  it("a long line comes in pieces, each with a time, and is one line again, though stderr stands between them", () => {
    const bytes = Buffer.concat([
      frame(1, `${time(1)} ${"a".repeat(piece)}`),
      frame(2, `${time(2)} error\n`),
      frame(1, `${time(1)} ${"b".repeat(10)}\n`),
    ]);
    expect(read(bytes)).toEqual([
      { time: time(2), text: "error" },
      { time: time(1), text: "a".repeat(piece) + "b".repeat(10) },
    ]);
  });

  it("a container with a terminal has no frames: the pieces of its long lines are joined all the same", () => {
    const long = "x".repeat(piece);
    const bytes = Buffer.from(`${time(1)} ${long}${time(1)} ${long}${time(1)} end\r\n${time(2)} next\r\n`);
    const expected = [
      { time: time(1), text: `${long}${long}end` },
      { time: time(2), text: "next" },
    ];
    expect(read(bytes, { tty: true })).toEqual(expected);
    expect(read(bytes, { tty: true, cuts: [5, 40, piece + 20, piece + 31, 2 * piece + 70] })).toEqual(
      expected,
    );
  });

  it("however the stream is cut, the lines are the same", () => {
    const bytes = Buffer.concat([
      frame(1, `${time(1)} first — äöü 🚂\n`),
      frame(2, `${time(2)} half of a `),
      frame(1, `${time(3)} second\n`),
      frame(2, `${time(2)} line\n`),
    ]);
    const whole = read(bytes);
    expect(whole.map(({ text }) => text)).toEqual(["first — äöü 🚂", "second", "half of a line"]);
    fc.assert(
      fc.property(fc.array(fc.nat({ max: bytes.length }), { maxLength: 12 }), (cuts) => {
        expect(read(bytes, { cuts })).toEqual(whole);
      }),
    );
  });

  it("a line without an end is kept to a limit, and marked", () => {
    const frames = Array.from({ length: 70 }, () => frame(1, `${time(1)} ${"y".repeat(piece)}`));
    const [line, ...more] = read(Buffer.concat(frames));
    expect([line?.text.length, line?.cut, more]).toEqual([longestLine, true, []]);
  });

  it.each([
    ["2026-11-21T06:33:05.649Z", "2026-11-21T06:33:05.649000000Z"],
    ["2026-11-21T06:33:05Z", "2026-11-21T06:33:05.000000000Z"],
    ["2026-11-21T01:33:05.123456789+02:00", "2026-11-20T23:33:05.123456789Z"],
    ["noon", undefined],
    ["2026-99-21T06:33:05Z", undefined],
  ])("the time %s is compared as %s", (text, expected) => {
    expect(logTime(text)).toBe(expected);
  });
});
