/** Answers in Anthropic's form, as Anthropic would send them. */
import type { ScriptedAnswer } from "./chat-stream.ts";

const blocksOf = (answer: ScriptedAnswer): { start: object; deltas: object[] }[] => [
  ...(answer.reasoning === undefined
    ? []
    : [
        {
          start: { type: "thinking", thinking: "", signature: "" },
          deltas: [
            { type: "thinking_delta", thinking: answer.reasoning },
            { type: "signature_delta", signature: "c2lnbmVkIGJ5IHRoZSBzY3JpcHQ=" },
          ],
        },
      ]),
  ...(answer.text === undefined
    ? []
    : [{ start: { type: "text", text: "" }, deltas: [{ type: "text_delta", text: answer.text }] }]),
  ...(answer.tools ?? []).map((tool, i) => ({
    start: { type: "tool_use", id: tool.id ?? `toolu_${i}_${tool.name}`, name: tool.name, input: {} },
    deltas: [{ type: "input_json_delta", partial_json: JSON.stringify(tool.input) }],
  })),
];

const stopOf = (answer: ScriptedAnswer): string =>
  answer.finish ?? ((answer.tools ?? []).length > 0 ? "tool_use" : "end_turn");

export const anthropicStream = (answer: ScriptedAnswer, model: string): string => {
  const usage = { input_tokens: answer.usage?.prompt ?? 100, output_tokens: 1 };
  const message = {
    id: "msg_scripted",
    type: "message",
    role: "assistant",
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage,
  };
  const events: { type: string }[] = [{ type: "message_start", message } as { type: string }];
  for (const [index, block] of blocksOf(answer).entries()) {
    events.push({ type: "content_block_start", index, content_block: block.start } as { type: string });
    for (const delta of block.deltas)
      events.push({ type: "content_block_delta", index, delta } as { type: string });
    events.push({ type: "content_block_stop", index } as { type: string });
  }
  events.push({
    type: "message_delta",
    delta: { stop_reason: stopOf(answer), stop_sequence: null },
    usage: { output_tokens: answer.usage?.completion ?? 20 },
  } as { type: string });
  events.push({ type: "message_stop" });
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("");
};

export const anthropicMessage = (answer: ScriptedAnswer, model: string): string =>
  JSON.stringify({
    id: "msg_scripted",
    type: "message",
    role: "assistant",
    model,
    content: [
      ...(answer.text === undefined ? [] : [{ type: "text", text: answer.text }]),
      ...(answer.tools ?? []).map((tool, i) => ({
        type: "tool_use",
        id: tool.id ?? `toolu_${i}_${tool.name}`,
        name: tool.name,
        input: tool.input,
      })),
    ],
    stop_reason: stopOf(answer),
    stop_sequence: null,
    usage: { input_tokens: answer.usage?.prompt ?? 100, output_tokens: answer.usage?.completion ?? 20 },
  });
