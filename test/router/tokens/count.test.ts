import { describe, expect, it } from "vitest";
import type { Message, MessagesRequest } from "../../../src/protocol/anthropic.ts";
import { countRequestTokens, createCounter } from "../../../src/router/tokens/count.ts";
import { imageSize } from "../../../src/router/tokens/image-size.ts";

const of = (messages: Message[], more: Partial<MessagesRequest> = {}): MessagesRequest => ({
  model: "m",
  messages,
  ...more,
});
const user = (content: Message["content"]): Message => ({ role: "user", content });

const png = (width: number, height: number, bytes = 0): string => {
  const head = Buffer.alloc(33);
  head.write("89504e470d0a1a0a0000000d49484452", 0, "hex");
  head.writeUInt32BE(width, 16);
  head.writeUInt32BE(height, 20);
  return Buffer.concat([head, Buffer.alloc(bytes)]).toString("base64");
};
const picture = (data: string): Message["content"] => [
  { type: "image", source: { type: "base64", media_type: "image/png", data } },
];

describe("counting", () => {
  it("counts prose within a fifth of its words", async () => {
    const words = "the quick brown fox jumps over the lazy dog ".repeat(100);
    const count = await countRequestTokens(of([user(words)]));
    expect(count).toBeGreaterThan(850);
    expect(count).toBeLessThan(1100);
  });

  it("every part of a request adds to it", async () => {
    const long = "one two three four five six seven eight nine ten ".repeat(10);
    const parts: Partial<MessagesRequest>[] = [
      { system: long },
      { system: [{ type: "text", text: long }] },
      { tools: [{ name: "t", description: long, input_schema: {} }] },
      { messages: [user("x"), { role: "assistant", content: [{ type: "thinking", thinking: long }] }] },
      {
        messages: [
          user("x"),
          { role: "assistant", content: [{ type: "tool_use", id: "i", name: "n", input: { long } }] },
        ],
      },
      { messages: [user("x"), user([{ type: "tool_result", tool_use_id: "i", content: long }])] },
      {
        messages: [
          user("x"),
          user([{ type: "tool_result", tool_use_id: "i", content: [{ type: "text", text: long }] }]),
        ],
      },
      { messages: [user("x"), { role: "system", content: long }] },
      {
        messages: [
          user("x"),
          user([{ type: "document", source: { type: "text", media_type: "text/plain", data: long } }]),
        ],
      },
      { messages: [user("x"), user([{ type: "brand_new", words: long } as never])] },
    ];
    const base = await countRequestTokens(of([user("x")]));
    for (const part of parts)
      expect(await countRequestTokens({ ...of([user("x")]), ...part })).toBeGreaterThan(base + 90);
  });

  it("an image counts by its size on the screen, whatever its bytes", async () => {
    const base = await countRequestTokens(of([user("")]));
    const small = await countRequestTokens(of([user(picture(png(750, 100, 500_000)))]));
    expect(small - base).toBe(100);
    const huge = await countRequestTokens(of([user(picture(png(8000, 8000)))]));
    expect(huge - base).toBe(1600);
  });

  it("reads the size of GIF, JPEG and WebP too", () => {
    const gif = Buffer.from("474946383961400020000000", "hex").toString("base64");
    expect(imageSize(gif)).toEqual({ width: 64, height: 32 });
    const jpeg = Buffer.from(
      "ffd8ffe000104a46494600010100000100010000ffc0001108002000400301220002110103110100",
      "hex",
    ).toString("base64");
    expect(imageSize(jpeg)).toEqual({ width: 64, height: 32 });
    const webp = Buffer.from("5249464600000000574542505650385800000000000000003f00001f0000", "hex").toString(
      "base64",
    );
    expect(imageSize(webp)).toEqual({ width: 64, height: 32 });
    expect(imageSize(Buffer.from("no image at all").toString("base64"))).toBeUndefined();
  });

  it("a 200 KB run of one letter does not block the others", async () => {
    let turns = 0;
    const watch = setInterval(() => turns++, 0);
    const count = await countRequestTokens(of([user("a".repeat(200_000))]));
    clearInterval(watch);
    expect(count).toBeGreaterThan(10_000);
    // Cut into pieces, it leaves the loop its turns; uncut it takes the tokenizer 25 s in one go.
    expect(turns).toBeGreaterThan(0);
  });

  it("special tokens are text", async () => {
    const base = await countRequestTokens(of([user("x")]));
    expect(await countRequestTokens(of([user("x <|endoftext|> <|fim_prefix|>")]))).toBeGreaterThan(base + 5);
  });
});

describe("what was counted before", () => {
  it("is not counted again: the hundredth turn costs what is new in it", async () => {
    let counted = 0;
    const counter = createCounter({
      tokenize: () => Promise.resolve((text) => ((counted += text.length), text.length)),
    });
    const messages: Message[] = [];
    const costs: number[] = [];
    for (let turn = 0; turn < 100; turn++) {
      messages.push(user(`question ${turn} ${"x y ".repeat(500)}`), {
        role: "assistant",
        content: [{ type: "text", text: `answer ${turn} ${"z w ".repeat(500)}` }],
      });
      counted = 0;
      // As the client does it: the same conversation, parsed anew.
      await counter.count(
        of(JSON.parse(JSON.stringify(messages)) as Message[], { system: "a system prompt ".repeat(100) }),
      );
      costs.push(counted);
    }
    expect(costs[99]).toBeLessThan(costs[1]! * 1.1);
    expect(costs[99]).toBeGreaterThan(3000);
  });

  it("is counted again where a letter differs", async () => {
    let calls = 0;
    const counter = createCounter({ tokenize: () => Promise.resolve(() => (calls++, 1)) });
    const text = "word ".repeat(200);
    await counter.count(of([user(text)]));
    await counter.count(of([user(text)]));
    expect(calls).toBe(1);
    await counter.count(of([user(`${text}!`)]));
    expect(calls).toBe(2);
  });
});
