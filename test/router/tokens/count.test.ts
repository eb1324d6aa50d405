import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Message, MessagesRequest } from "../../../src/protocol/anthropic.ts";
import { countRequestTokens, createCounter } from "../../../src/router/tokens/count.ts";
import { imageSize } from "../../../src/router/tokens/image-size.ts";
import { mostTokens } from "../../../src/router/tokens/media.ts";

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

  it("a 200 KB run of one letter reaches the tokenizer in pieces, and others get their turn between them", async () => {
    let longest = 0;
    let clock = 0;
    const counter = createCounter({
      tokenize: () =>
        Promise.resolve((text) => {
          clock += 4;
          longest = Math.max(longest, text.length);
          return 1;
        }),
      now: () => clock,
    });
    let turns = 0;
    let counting = true;
    const watch = (): void => {
      turns++;
      if (counting) setImmediate(watch);
    };
    setImmediate(watch);
    await counter.count(of([user("a".repeat(200_000))]));
    counting = false;
    expect(longest).toBeLessThanOrEqual(256);
    // 782 pieces of 4 ms: at 10 ms and more the others' turn comes.
    expect(turns).toBeGreaterThan(200);
    expect(await countRequestTokens(of([user("a".repeat(200_000))]))).toBeGreaterThan(10_000);
  });

  it("special tokens are text", async () => {
    const base = await countRequestTokens(of([user("x")]));
    expect(await countRequestTokens(of([user("x <|endoftext|> <|fim_prefix|>")]))).toBeGreaterThan(base + 5);
  });
});

describe("what is no text", () => {
  const noise = (bytes: number): string => Buffer.alloc(bytes, "x9/k+Q").toString("base64");
  const costOf = async (content: unknown): Promise<number> =>
    (await countRequestTokens(of([user([content as never])]))) - (await countRequestTokens(of([user("")])));

  it("base64 inside a tool result, a document of blocks or a block not known here is never counted as text", async () => {
    const shot = {
      type: "image",
      source: { type: "base64", media_type: "image/png", data: png(300, 250, 90_000) },
    };
    expect(await costOf({ type: "tool_result", tool_use_id: "t", content: [shot] })).toBeLessThan(120);
    expect(await costOf({ type: "document", source: { type: "content", content: [shot] } })).toBeLessThan(
      120,
    );
    expect(await costOf({ type: "mcp_tool_result", content: [shot] })).toBeLessThan(140);
  });
  it("what a search found is counted, its encrypted form is not", async () => {
    const found = { type: "web_search_result", title: "A title", encrypted_content: noise(30_000) };
    expect(await costOf({ type: "web_search_tool_result", tool_use_id: "t", content: [found] })).toBeLessThan(
      60,
    );
  });
  it("signatures of thinking cost nothing", async () => {
    const plain = await costOf({ type: "thinking", thinking: "so it is" });
    expect(await costOf({ type: "thinking", thinking: "so it is", signature: noise(5000) })).toBe(plain);
  });
  it("a PDF counts by its pages, whatever its bytes", async () => {
    const pdf = (pages: number): unknown => ({
      type: "document",
      source: {
        type: "base64",
        media_type: "application/pdf",
        data: Buffer.from(`%PDF-1.4 ${"<< /Type /Page >> ".repeat(pages)}<< /Type /Pages >>`).toString(
          "base64",
        ),
      },
    });
    expect(await costOf(pdf(6))).toBe(3 * (await costOf(pdf(2))));
  });
  it("a long thin image counts as it looks after scaling", async () => {
    expect(await costOf({ type: "image", source: { type: "base64", data: png(100, 15_680) } })).toBe(21);
  });
});

describe("a question of more or less", () => {
  it("counting stops where the answer is known, and a later exact count is exact", async () => {
    let counted = 0;
    const counter = createCounter({
      tokenize: () => Promise.resolve((text) => ((counted += text.length), text.length)),
    });
    const request = of([user("word ".repeat(20_000)), user("more ".repeat(20_000))]);
    expect(await counter.count(request, 5000)).toBeGreaterThan(5000);
    expect(counted).toBeLessThan(10_000);
    counted = 0;
    expect(await counter.count(request, 5000)).toBeGreaterThan(5000);
    expect(counted).toBe(0);
    const all = await counter.count(request);
    expect(all).toBeGreaterThanOrEqual(200_000);
    expect(await counter.count(request, 5_000_000)).toBe(all);
  });
});

describe("any request", () => {
  const text = fc.string({ maxLength: 60, unit: "grapheme" });
  const block = fc.oneof(
    fc.record({ type: fc.constant("text"), text }),
    fc.record({ type: fc.constant("thinking"), thinking: text }),
    fc.record({
      type: fc.constant("tool_use"),
      id: fc.constant("i"),
      name: text,
      input: fc.dictionary(text, text),
    }),
    fc.record({ type: fc.constant("tool_result"), tool_use_id: fc.constant("i"), content: text }),
    fc.record({ type: fc.constant("image"), source: fc.constant({ type: "url", url: "https://x/y" }) }),
    fc.record({ type: fc.constantFrom("server_tool_use", "brand_new"), content: fc.jsonValue() }),
  );
  const message = fc.array(block, { maxLength: 4 }).map((blocks) => user(blocks as never));
  const conversation = fc.array(message, { maxLength: 4 });

  it("costs what its messages cost together, and never less with one more", async () => {
    await fc.assert(
      fc.asyncProperty(conversation, conversation, async (first, second) => {
        const [a, b] = [await countRequestTokens(of(first)), await countRequestTokens(of(second))];
        const both = await countRequestTokens(of([...first, ...second]));
        expect(both).toBe(a + b);
        expect(both).toBeGreaterThanOrEqual(Math.max(a, b));
      }),
      { numRuns: 200 },
    );
  });
  it("never counts more than its bytes allow", async () => {
    await fc.assert(
      fc.asyncProperty(conversation, async (messages) => {
        const request = of(messages);
        const bytes = Buffer.byteLength(JSON.stringify(request));
        expect(await countRequestTokens(request)).toBeLessThanOrEqual(mostTokens(request, bytes));
      }),
      { numRuns: 200 },
    );
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
