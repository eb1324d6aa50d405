import { describe, expect, it } from "vitest";
import { createLineReader } from "../../src/fuse/lines.ts";
import { createNoticeReader } from "../../src/fuse/router-notices.ts";

const line = (fields: object): string => JSON.stringify({ level: 40, ...fields });

describe("what the router finds out about a provider", () => {
  it("a rejected key and a provider that is down are said once for each provider", () => {
    const said: string[] = [];
    const read = createNoticeReader((text) => said.push(text));
    const rejected = line({ code: "upstream.keyRejected", provider: "a", msg: "a does not accept its key" });
    for (const each of [
      rejected,
      rejected,
      line({ code: "upstream.keyRejected", provider: "b", msg: "b does not accept its key" }),
      line({ code: "upstream.unreachable", provider: "a", msg: "a cannot be reached\nmore" }),
      line({ code: "upstream.failed", provider: "a", msg: "status 500" }),
      line({ msg: "turn" }),
      "not JSON",
      "{ broken",
      "{}",
    ]) {
      read(each);
    }
    expect(said).toEqual(["a does not accept its key", "b does not accept its key", "a cannot be reached"]);
  });
});

describe("lines of a stream", () => {
  it("are whole, however the stream is cut", () => {
    const text = "one\r\ntwo\n\nthree";
    for (let cut = 0; cut <= text.length; cut++) {
      const lines: string[] = [];
      const reader = createLineReader((each) => lines.push(each));
      reader.push(text.slice(0, cut));
      reader.push(text.slice(cut));
      reader.end();
      expect(lines).toEqual(["one", "two", "three"]);
    }
  });

  it("a stream without line ends does not fill the memory", () => {
    const lines: string[] = [];
    const reader = createLineReader((each) => lines.push(each));
    for (let i = 0; i < 100; i++) reader.push("x".repeat(1024));
    expect(lines.length).toBeGreaterThan(0);
  });
});
