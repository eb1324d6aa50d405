/** What a provider of Anthropic's form gets back of its own, and what it never sees of others. */
import { describe, expect, it } from "vitest";
import type { Quirks } from "../../../../src/config/types.ts";
import type { ContentBlock, Message, MessagesRequest } from "../../../../src/protocol/anthropic.ts";
import type { DialectContext } from "../../../../src/router/dialects/dialect.ts";
import { anthropic } from "../../../../src/router/dialects/anthropic/index.ts";
import { MessageCollector } from "../../../../src/router/sinks/message-collector.ts";
import { dialectContext } from "../../../support/dialect-context.ts";

const provider = (name: string, quirks: Quirks = {}, model = "m-1"): DialectContext => {
  const context = dialectContext({ dialect: "anthropic", model, quirks });
  return { ...context, provider: { ...context.provider, name } };
};

const claude = provider("anthropic", { rawStream: true });
const kimi = provider("kimi");
const deepseek = provider("deepseek", { thinkingHistory: true });

/** The blocks that the client keeps of an answer. */
const answered = (content: object[], context: DialectContext): ContentBlock[] => {
  const sink = new MessageCollector("m");
  anthropic.decodeMessage({ type: "message", content, stop_reason: "end_turn" }, sink, context);
  return sink.message().content;
};

const sent = (content: ContentBlock[], context: DialectContext, more: Message[] = []): Message[] => {
  const request: MessagesRequest = {
    model: "x",
    max_tokens: 10,
    messages: [
      { role: "user", content: [{ type: "text", text: "hi" }] },
      { role: "assistant", content },
      ...more,
    ],
  };
  const { body } = anthropic.encode(request, context);
  return (JSON.parse(String(body)) as MessagesRequest).messages.slice(1);
};

const thought = { type: "thinking", thinking: "hm 你好", signature: "c2lnbmVk" };
const hidden = { type: "redacted_thinking", data: "b3BhcXVl" };
const call = { type: "tool_use", id: "Bash:0", name: "Bash", input: { command: "ls" } };

describe("a signature of one provider", () => {
  it("comes back to it byte for byte, with hidden thinking and the id of its call", () => {
    const [message] = sent(answered([thought, hidden, call], kimi), kimi);
    expect(message?.content).toEqual([thought, hidden, call]);
  });

  it.each([
    ["another provider", provider("zai")],
    ["Anthropic itself", claude],
    ["another model of the same provider", provider("kimi", {}, "m-2")],
  ])("never reaches %s", (_, other) => {
    const kept = answered([thought, hidden, { ...call, id: "t1" }], kimi);
    expect(sent(kept, other)).toEqual([{ role: "assistant", content: [{ ...call, id: "t1" }] }]);
  });

  it("of Anthropic itself goes to no other provider", () => {
    const own = [thought, hidden, { type: "text", text: "ok" }] as ContentBlock[];
    expect(sent(own, claude)[0]?.content).toEqual(own);
    expect(sent(own, kimi)[0]?.content).toEqual([{ type: "text", text: "ok" }]);
  });

  it("that was changed on the way is left out, not sent as if it were whole", () => {
    const [kept] = answered([thought], kimi);
    const changed = { ...kept, thinking: "another thought" } as ContentBlock;
    expect(sent([changed, { type: "text", text: "ok" }], kimi)[0]?.content).toEqual([
      { type: "text", text: "ok" },
    ]);
  });
});

describe("DeepSeek, which wants thinking in every answer, gets", () => {
  it("the words of another model without its signature, and a blank where there are none", () => {
    const text = { type: "text", text: "ok" } as ContentBlock;
    expect(sent([...answered([thought], kimi), text], deepseek)[0]?.content).toEqual([
      { type: "thinking", thinking: "hm 你好", signature: "" },
      text,
    ]);
    expect(sent([text], deepseek)[0]?.content).toEqual([
      { type: "thinking", thinking: " ", signature: "" },
      text,
    ]);
  });

  it("its own with its own signature, once", () => {
    const kept = answered([thought, { ...call, id: "t1" }], deepseek);
    expect(sent(kept, deepseek)[0]?.content).toEqual([thought, { ...call, id: "t1" }]);
  });
});

it("a call whose id Anthropic would refuse is known to it by another, the same in its result", () => {
  for (const kept of [answered([call], kimi), [call as unknown as ContentBlock]]) {
    const { id } = kept[0] as { id: string };
    const result: Message = {
      role: "user",
      content: [{ type: "tool_result", tool_use_id: id, content: "x" }],
    };
    const [made, got] = sent(kept, claude, [result]) as [Message, Message];
    const used = (made.content as { id: string }[])[0]?.id;
    expect(used).toMatch(/^[a-zA-Z0-9_-]+$/);
    expect((got.content as { tool_use_id: string }[])[0]?.tool_use_id).toBe(used);
  }
});

describe("an empty text block", () => {
  it("in the history does not poison it for good", () => {
    const empty = { type: "text", text: "" } as ContentBlock;
    const result = { type: "tool_result", tool_use_id: "t1", content: [empty] } as ContentBlock;
    const blank = { type: "text", text: " \n" } as ContentBlock;
    const messages = sent([empty, blank, { ...call, id: "t1" } as ContentBlock], claude, [
      { role: "user", content: [result, empty] },
      { role: "assistant", content: [empty] },
    ]);
    expect(JSON.stringify(messages)).not.toMatch(/"text":"(?:\s|\\n)*"/);
    expect(messages).toHaveLength(2);
  });
});

describe("a web search of another provider", () => {
  const search = [
    { type: "server_tool_use", id: "s1", name: "web_search", input: { query: "q" } },
    {
      type: "web_search_tool_result",
      tool_use_id: "s1",
      content: [{ type: "web_search_result", title: "Page", url: "https://e.com", encrypted_content: "" }],
    },
    {
      type: "text",
      text: "So it is.",
      citations: [{ type: "web_search_result_location", url: "https://e.com", encrypted_index: "" }],
    },
  ] as unknown as ContentBlock[];

  it("is text for Anthropic, which takes back only what it encrypted itself", () => {
    expect(sent(search, claude)[0]?.content).toEqual([
      { type: "text", text: "Page https://e.com" },
      { type: "text", text: "So it is." },
    ]);
  });

  it("that found nothing leaves no call behind whose id Anthropic would refuse", () => {
    const [call] = search;
    const nothing = { type: "web_search_tool_result", tool_use_id: "s1", content: [] };
    const said = { type: "text", text: "Nothing." } as ContentBlock;
    const blocks = [call!, nothing as unknown as ContentBlock, said];
    expect(sent(blocks, claude)[0]?.content).toEqual([said]);
    expect(sent(blocks, kimi)[0]?.content).toEqual(blocks);
  });

  it("of Anthropic's own stays as it is", () => {
    const own = JSON.parse(
      JSON.stringify(search)
        .replaceAll(/(encrypted_\w+":)""/g, '$1"Eo8="')
        .replaceAll('"s1"', '"srvtoolu_1"'),
    ) as ContentBlock[];
    expect(sent(own, claude)[0]?.content).toEqual(own);
  });
});
