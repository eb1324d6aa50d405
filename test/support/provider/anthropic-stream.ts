/** Answers in Anthropic's form, as Anthropic would send them. */
import { callId, idOf, type ScriptedAnswer } from "./chat-stream.ts";

interface Block {
  type: string;
  [field: string]: unknown;
}

/** The provider's own search (platform.claude.com/docs, web search tool). */
const searchOf = (answer: ScriptedAnswer): Block[] => {
  const { search } = answer;
  if (search === undefined) return [];
  const id = idOf(answer, "srvtoolu", "scripted");
  const { query, url, title } = search;
  const page = { type: "web_search_result", url, title, encrypted_content: "c2VhbGVk", page_age: null };
  return [
    { type: "server_tool_use", id, name: "web_search", input: { query } },
    { type: "web_search_tool_result", tool_use_id: id, content: [page] },
  ];
};

const contentOf = (answer: ScriptedAnswer): Block[] => [
  ...(answer.reasoning === undefined
    ? []
    : [
        {
          type: "thinking",
          thinking: answer.reasoning,
          signature: answer.opaque ?? "c2lnbmVkIGJ5IHRoZSBzY3JpcHQ=",
        },
      ]),
  ...searchOf(answer),
  ...(answer.text === undefined ? [] : [{ type: "text", text: answer.text }]),
  ...(answer.tools ?? []).map(({ name, input }, i) => ({
    type: "tool_use",
    id: callId(answer, i, "toolu"),
    name,
    input,
  })),
];

/** How a block begins in a stream, and what then comes of it. */
const streamed = (block: Block): { start: Block; deltas: object[] } => {
  switch (block.type) {
    case "thinking":
      return {
        start: { type: "thinking", thinking: "", signature: "" },
        deltas: [
          { type: "thinking_delta", thinking: block["thinking"] },
          { type: "signature_delta", signature: block["signature"] },
        ],
      };
    case "text":
      return { start: { type: "text", text: "" }, deltas: [{ type: "text_delta", text: block["text"] }] };
    case "tool_use":
    case "server_tool_use":
      return {
        start: { ...block, input: {} },
        deltas: [{ type: "input_json_delta", partial_json: JSON.stringify(block["input"]) }],
      };
    default:
      return { start: block, deltas: [] };
  }
};

const stopOf = (answer: ScriptedAnswer): string =>
  answer.finish ?? ((answer.tools ?? []).length > 0 ? "tool_use" : "end_turn");

const messageOf = (answer: ScriptedAnswer, model: string): object => ({
  id: idOf(answer, "msg", "scripted"),
  type: "message",
  role: "assistant",
  model,
  content: contentOf(answer),
  stop_reason: stopOf(answer),
  stop_sequence: null,
  usage: {
    input_tokens: (answer.usage?.prompt ?? 100) - (answer.usage?.cached ?? 0),
    ...(answer.usage?.cached !== undefined && { cache_read_input_tokens: answer.usage.cached }),
    output_tokens: answer.usage?.completion ?? 20,
    ...(answer.search !== undefined && { server_tool_use: { web_search_requests: 1 } }),
  },
});

export const anthropicStream = (answer: ScriptedAnswer, model: string): string => {
  const message = messageOf(answer, model) as Record<string, unknown>;
  const { usage } = message as { usage: Record<string, unknown> };
  const { server_tool_use: _later, ...atStart } = usage;
  const events: { type: string; [field: string]: unknown }[] = [
    {
      type: "message_start",
      message: {
        ...message,
        content: [],
        stop_reason: null,
        usage: { ...atStart, output_tokens: 1 },
      },
    },
  ];
  for (const [index, block] of contentOf(answer).entries()) {
    const { start, deltas } = streamed(block);
    events.push({ type: "content_block_start", index, content_block: start });
    for (const delta of deltas) events.push({ type: "content_block_delta", index, delta });
    events.push({ type: "content_block_stop", index });
  }
  events.push({
    type: "message_delta",
    delta: { stop_reason: stopOf(answer), stop_sequence: null },
    usage,
  });
  events.push({ type: "message_stop" });
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("");
};

export const anthropicMessage = (answer: ScriptedAnswer, model: string): string =>
  JSON.stringify(messageOf(answer, model));
