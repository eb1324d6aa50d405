/** Requests of many tokens. */
import { describe, expect, it } from "vitest";
import type { Message } from "../../../src/protocol/anthropic.ts";
import { decide, ruleOf } from "../../support/rules.ts";

describe("longContext", () => {
  const long = "several words of a long text ".repeat(600);
  it("more tokens than the threshold match, fewer do not", async () => {
    expect(await ruleOf({ messages: [{ role: "user", content: long }] })).toBe("longContext");
    expect(await ruleOf({ messages: [{ role: "user", content: long.slice(0, 3000) }] })).toBe("default");
  });
  it("nothing is counted where the body is smaller than the threshold", async () => {
    expect((await decide()).tokens).toBeUndefined();
    expect((await decide({ messages: [{ role: "user", content: long }] })).tokens).toBeGreaterThan(2000);
  });
  it("stands before everything but explicit", async () => {
    const messages: Message[] = [{ role: "user", content: long }];
    expect(await ruleOf({ messages, model: "claude-haiku-4-5" })).toBe("longContext");
    expect(await ruleOf({ messages, model: "one,x" })).toBe("explicit");
  });
  it("a 100 KB image in a tool result does not go to longContext", async () => {
    const header = Buffer.from("89504e470d0a1a0a0000000d4948445200000040000000400806000000", "hex");
    const data = Buffer.concat([header, Buffer.alloc(100_000, 7)]).toString("base64");
    const messages: Message[] = [
      {
        role: "user",
        content: [
          {
            type: "tool_result",
            tool_use_id: "t",
            content: [{ type: "image", source: { type: "base64", media_type: "image/png", data } }],
          },
        ],
      },
    ];
    expect(await ruleOf({ messages })).toBe("default");
  });
  it("a large image alone needs no counting at all", async () => {
    const header = Buffer.from("89504e470d0a1a0a0000000d4948445200000040000000400806000000", "hex");
    const data = Buffer.concat([header, Buffer.alloc(500_000, 7)]).toString("base64");
    const decision = await decide({
      messages: [
        {
          role: "user",
          content: [{ type: "image", source: { type: "base64", media_type: "image/png", data } }],
        },
      ],
    });
    expect(decision.tokens).toBeUndefined();
  });
  it("images and documents by address count, though they add hardly a byte", async () => {
    const at = (n: number): Message[] => [
      {
        role: "user",
        content: Array.from({ length: n }, () => ({
          type: "image",
          source: { type: "url", url: "https://x/y" },
        })),
      },
    ];
    expect(await ruleOf({ messages: at(2) })).toBe("longContext");
    expect(await ruleOf({ messages: at(1) })).toBe("default");
  });
  it("thinking blocks of earlier turns are counted", async () => {
    const messages: Message[] = [
      { role: "assistant", content: [{ type: "thinking", thinking: long, signature: "s" }] },
      { role: "user", content: "go on" },
    ];
    expect(await ruleOf({ messages })).toBe("longContext");
  });
  it("<|endoftext|> in the content is text, and does not change the route", async () => {
    expect(await ruleOf({ messages: [{ role: "user", content: `${long}<|endoftext|>` }] })).toBe(
      "longContext",
    );
  });
});
