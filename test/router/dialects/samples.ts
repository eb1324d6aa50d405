/** One answer of each dialect as its provider would stream it: text, then a tool call. A new dialect adds its own. */
import type { DialectName } from "../../../src/config/types.ts";

const lines = (events: readonly [event: string, data: object][]): string =>
  events
    .map(([event, data]) => `event: ${event}\ndata: ${JSON.stringify({ type: event, ...data })}\n\n`)
    .join("");

const anthropicSample = lines([
  [
    "message_start",
    {
      message: {
        id: "msg_1",
        type: "message",
        role: "assistant",
        model: "m",
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 9, output_tokens: 1 },
      },
    },
  ],
  ["content_block_start", { index: 0, content_block: { type: "text", text: "" } }],
  ["content_block_delta", { index: 0, delta: { type: "text_delta", text: "Héllo 你好" } }],
  ["content_block_stop", { index: 0 }],
  [
    "content_block_start",
    { index: 1, content_block: { type: "tool_use", id: "call_1", name: "Read", input: {} } },
  ],
  ["content_block_delta", { index: 1, delta: { type: "input_json_delta", partial_json: '{"path"' } }],
  ["content_block_delta", { index: 1, delta: { type: "input_json_delta", partial_json: ':"/a"}' } }],
  ["content_block_stop", { index: 1 }],
  ["message_delta", { delta: { stop_reason: "tool_use", stop_sequence: null }, usage: { output_tokens: 7 } }],
  ["message_stop", {}],
]);

const chat = (delta: object, more: object = {}): string =>
  `data: ${JSON.stringify({ id: "c", model: "m", choices: [{ index: 0, delta, finish_reason: null, ...more }] })}\n\n`;

const chatSample = [
  chat({ role: "assistant", content: "Héllo " }),
  chat({ content: "你好" }),
  chat({
    tool_calls: [
      { index: 0, id: "call_1", type: "function", function: { name: "Read", arguments: '{"path"' } },
    ],
  }),
  chat({ tool_calls: [{ index: 0, function: { arguments: ':"/a"}' } }] }),
  chat({}, { finish_reason: "tool_calls" }),
  `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 7 } })}\n\n`,
  "data: [DONE]\n\n",
].join("");

const responsesItem = { id: "fc_1", type: "function_call", call_id: "call_1", name: "Read" };

const responsesSample = lines([
  ["response.created", { response: { id: "resp_1", model: "m", status: "in_progress", output: [] } }],
  ["response.output_item.added", { output_index: 0, item: { id: "msg_1", type: "message", content: [] } }],
  ["response.output_text.delta", { output_index: 0, item_id: "msg_1", content_index: 0, delta: "Héllo " }],
  ["response.output_text.delta", { output_index: 0, item_id: "msg_1", content_index: 0, delta: "你好" }],
  ["response.output_item.added", { output_index: 1, item: { ...responsesItem, arguments: "" } }],
  ["response.function_call_arguments.delta", { output_index: 1, item_id: "fc_1", delta: '{"path"' }],
  ["response.function_call_arguments.delta", { output_index: 1, item_id: "fc_1", delta: ':"/a"}' }],
  ["response.output_item.done", { output_index: 1, item: { ...responsesItem, arguments: '{"path":"/a"}' } }],
  [
    "response.completed",
    { response: { id: "resp_1", status: "completed", usage: { input_tokens: 9, output_tokens: 7 } } },
  ],
]);

const geminiChunk = (parts: object[], more: object = {}): string =>
  `data: ${JSON.stringify({ candidates: [{ index: 0, content: { role: "model", parts }, ...more }], modelVersion: "m", usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 4, thoughtsTokenCount: 3, totalTokenCount: 16 } })}\r\n\r\n`;

const geminiSample = [
  geminiChunk([{ text: "Héllo " }]),
  geminiChunk([{ text: "你好" }]),
  geminiChunk([{ functionCall: { id: "call_1", name: "Read", args: { path: "/a" } } }]),
  geminiChunk([{ text: "" }], { finishReason: "STOP" }),
].join("");

/** Undefined for a dialect that answers by itself. */
export const samples: Readonly<Record<DialectName, string | undefined>> = {
  anthropic: anthropicSample,
  "openai-chat": chatSample,
  "openai-responses": responsesSample,
  gemini: geminiSample,
  demo: undefined,
};

/** Words of the sample that tell its end: whatever is cut before them is no whole answer. */
export const endMarks: Readonly<Record<DialectName, string>> = {
  anthropic: "message_delta",
  "openai-chat": 'tool_calls"}',
  "openai-responses": "response.completed",
  gemini: "finishReason",
  demo: "",
};
