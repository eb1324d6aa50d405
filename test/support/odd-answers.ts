/** One answer in the forms of all four dialects, for what each of them may say oddly. */
import type { DialectName } from "../../src/config/types.ts";

type Fields = Record<string, unknown>;

/** Text, thinking, or a call whose arguments stand there as they are: cut, empty or no JSON at all. */
export type Part = { text: string } | { thinking: string } | { call: string; args: string };
export type End = "stop" | "calls" | "length" | "filter";

export interface Odd {
  stream: string;
  whole: string;
}

const data = (chunk: unknown): string => `data: ${JSON.stringify(chunk)}\n\n`;
const named = (event: Fields): string => `event: ${String(event["type"])}\n${data(event)}`;
/** In two pieces, as a stream would have it. */
const halves = (text: string): string[] => [text.slice(0, text.length >> 1), text.slice(text.length >> 1)];

const parsed = (json: string): unknown => {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
};

const chatEnds = { stop: "stop", calls: "tool_calls", length: "length", filter: "content_filter" };

const chat = (parts: readonly Part[], end: End): Odd => {
  const calls: Fields[] = [];
  const message: Fields = { role: "assistant", content: null };
  const deltas: Fields[] = [{ role: "assistant", content: "" }];
  for (const part of parts) {
    if ("text" in part) {
      message["content"] = `${(message["content"] as string | null) ?? ""}${part.text}`;
      deltas.push(...halves(part.text).map((content) => ({ content })));
    } else if ("thinking" in part) {
      message["reasoning_content"] = part.thinking;
      deltas.push(...halves(part.thinking).map((piece) => ({ reasoning_content: piece })));
    } else {
      const index = calls.length;
      const id = `call_${index}`;
      calls.push({ id, type: "function", function: { name: part.call, arguments: part.args } });
      const begun = { index, id, function: { name: part.call, arguments: "" } };
      const pieces = halves(part.args).map((piece) => ({ index, function: { arguments: piece } }));
      deltas.push(...[begun, ...pieces].map((piece) => ({ tool_calls: [piece] })));
    }
  }
  if (calls.length > 0) message["tool_calls"] = calls;
  const chunk = (delta: Fields, finish: string | null): Fields => ({
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  return {
    stream:
      [...deltas.map((delta) => chunk(delta, null)), chunk({}, chatEnds[end])].map(data).join("") +
      "data: [DONE]\n\n",
    whole: JSON.stringify({ choices: [{ index: 0, message, finish_reason: chatEnds[end] }] }),
  };
};

const responses = (parts: readonly Part[], end: End): Odd => {
  const events: Fields[] = [];
  const output = parts.map((part, output_index): Fields => {
    const id = `item_${output_index}`;
    const where = { output_index, item_id: id };
    const text = "text" in part ? part.text : "thinking" in part ? part.thinking : part.args;
    const added = (item: Fields): number =>
      events.push({ type: "response.output_item.added", output_index, item: { id, ...item } });
    const deltas = (type: string, more: Fields = {}): void => {
      for (const delta of halves(text)) events.push({ type, ...where, ...more, delta });
    };
    if ("call" in part) {
      const call = { type: "function_call", call_id: `call_${output_index}`, name: part.call };
      added({ ...call, arguments: "" });
      deltas("response.function_call_arguments.delta");
      return { id, ...call, arguments: text };
    }
    if ("thinking" in part) {
      added({ type: "reasoning", summary: [] });
      deltas("response.reasoning_summary_text.delta", { summary_index: 0 });
      return { id, type: "reasoning", summary: [{ type: "summary_text", text }] };
    }
    added({ type: "message", role: "assistant", content: [] });
    deltas("response.output_text.delta", { content_index: 0 });
    return { id, type: "message", role: "assistant", content: [{ type: "output_text", text }] };
  });
  for (const [output_index, item] of output.entries())
    events.push({ type: "response.output_item.done", output_index, item });
  const reason = { length: "max_output_tokens", filter: "content_filter", stop: "", calls: "" }[end];
  const response = {
    object: "response",
    status: reason === "" ? "completed" : "incomplete",
    incomplete_details: reason === "" ? null : { reason },
    output,
    usage: { input_tokens: 9, output_tokens: 7 },
  };
  const last = { type: reason === "" ? "response.completed" : "response.incomplete", response };
  return { stream: [...events, last].map(named).join(""), whole: JSON.stringify(response) };
};

const geminiEnds = { stop: "STOP", calls: "STOP", length: "MAX_TOKENS", filter: "SAFETY" };

/** Arguments are values here: those that are no whole object are ones whose rest never came. */
const gemini = (parts: readonly Part[], end: End): Odd => {
  const chunks = parts.map((part): Fields => {
    if ("text" in part) return part;
    if ("thinking" in part) return { text: part.thinking, thought: true };
    const args = part.args === "" ? {} : parsed(part.args);
    if (args !== undefined) return { functionCall: { name: part.call, args } };
    const piece = { jsonPath: "$.command", stringValue: part.args, willContinue: true };
    return { functionCall: { name: part.call, partialArgs: [piece], willContinue: true } };
  });
  const answer = (parts: Fields[], finish?: string): Fields => ({
    candidates: [
      { index: 0, content: { role: "model", parts }, ...(finish !== undefined && { finishReason: finish }) },
    ],
  });
  const end_ = geminiEnds[end];
  return {
    stream: [...chunks.map((part) => answer([part])), answer([], end_)].map(data).join(""),
    whole: JSON.stringify(answer(chunks, end_)),
  };
};

const anthropicEnds = { stop: "end_turn", calls: "tool_use", length: "max_tokens", filter: "refusal" };

const anthropic = (parts: readonly Part[], end: End): Odd => {
  const stop_reason = anthropicEnds[end];
  const usage = { input_tokens: 9, output_tokens: 7 };
  const head = { id: "msg_1", type: "message", role: "assistant", model: "m", stop_sequence: null, usage };
  const blocks = parts.map((part, i): { whole: Fields; start: Fields; deltas: Fields[] } => {
    if ("text" in part)
      return {
        whole: { type: "text", text: part.text },
        start: { type: "text", text: "" },
        deltas: halves(part.text).map((text) => ({ type: "text_delta", text })),
      };
    if ("thinking" in part)
      return {
        whole: { type: "thinking", thinking: part.thinking, signature: "s" },
        start: { type: "thinking", thinking: "", signature: "" },
        deltas: halves(part.thinking).map((thinking) => ({ type: "thinking_delta", thinking })),
      };
    const start = { type: "tool_use", id: `toolu_${i}`, name: part.call, input: {} };
    return {
      whole: { ...start, input: parsed(part.args) ?? {} },
      start,
      deltas: halves(part.args).map((partial_json) => ({ type: "input_json_delta", partial_json })),
    };
  });
  const events: Fields[] = [
    { type: "message_start", message: { ...head, content: [], stop_reason: null } },
    ...blocks.flatMap(({ start, deltas }, index) => [
      { type: "content_block_start", index, content_block: start },
      ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
      { type: "content_block_stop", index },
    ]),
    { type: "message_delta", delta: { stop_reason, stop_sequence: null }, usage },
    { type: "message_stop" },
  ];
  return {
    stream: events.map(named).join(""),
    whole: JSON.stringify({ ...head, content: blocks.map(({ whole }) => whole), stop_reason }),
  };
};

export const oddForms: Readonly<
  Record<Exclude<DialectName, "demo">, (parts: readonly Part[], end: End) => Odd>
> = { "openai-chat": chat, "openai-responses": responses, gemini, anthropic };
