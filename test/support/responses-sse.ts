/** Streams of OpenAI Responses, and requests through the dialect, in one line each. */
import type { MessagesRequest } from "../../src/protocol/anthropic.ts";
import type { ResponsesInputItem, ResponsesTool } from "../../src/protocol/openai-responses.ts";
import { openaiResponses } from "../../src/router/dialects/openai-responses/index.ts";
import { accumulate, type Accumulated } from "./accumulate.ts";
import { type ContextOptions, decodeStreamed, decodeWhole, dialectContext } from "./dialect-context.ts";
import { problemsOf } from "./validate-anthropic-stream.ts";

type Fields = Record<string, unknown>;

const dialect = "openai-responses" as const;

/** An event; `response.` before its type is added. */
export const event = (type: string, fields: Fields = {}): Fields => ({ type: `response.${type}`, ...fields });

export const completed = (response: Fields = {}): Fields =>
  event("completed", {
    response: { status: "completed", usage: { input_tokens: 9, output_tokens: 7 }, ...response },
  });

/** The text of message `index`, in these pieces. */
export const said = (index: number, ...pieces: string[]): Fields[] =>
  pieces.map((delta) =>
    event("output_text.delta", { output_index: index, item_id: `msg_${index}`, content_index: 0, delta }),
  );

/** A call with its arguments in these pieces. */
export const called = (index: number, name: string, ...pieces: string[]): Fields[] => {
  const item = { id: `fc_${index}`, type: "function_call", call_id: `call_${index}`, name };
  return [
    event("output_item.added", { output_index: index, item: { ...item, arguments: "" } }),
    ...pieces.map((delta) => event("function_call_arguments.delta", { output_index: index, delta })),
    event("output_item.done", { output_index: index, item: { ...item, arguments: pieces.join("") } }),
  ];
};

/** Reasoning with these parts of a summary. */
export const reasoned = (index: number, parts: string[], encrypted?: string): Fields[] => {
  const item = { id: `rs_${index}`, type: "reasoning" };
  const summary = parts.map((text) => ({ type: "summary_text", text }));
  return [
    event("output_item.added", { output_index: index, item: { ...item, summary: [] } }),
    ...parts.map((delta, part) =>
      event("reasoning_summary_text.delta", { output_index: index, summary_index: part, delta }),
    ),
    event("output_item.done", {
      output_index: index,
      item: { ...item, summary, ...(encrypted !== undefined && { encrypted_content: encrypted }) },
    }),
  ];
};

/** The bytes of a stream of these events; a string stands as it is. */
export const responsesStream = (events: readonly (Fields | string)[]): Buffer =>
  Buffer.from(
    events
      .map((one) =>
        typeof one === "string" ? one : `event: ${String(one["type"])}\ndata: ${JSON.stringify(one)}\n\n`,
      )
      .join(""),
  );

/** What the client makes of these events. Throws where the stream that it gets is not valid. */
export const received = (
  events: readonly (Fields | string)[] | Buffer,
  options: ContextOptions = {},
): Accumulated => {
  const bytes = Buffer.isBuffer(events) ? events : responsesStream(events);
  const answer = accumulate(decodeStreamed(openaiResponses, [bytes], { dialect, ...options }));
  const problems = problemsOf(answer.frames).filter((problem) => problem !== "error before message_start");
  if (problems.length > 0) throw new Error(problems.join("; "));
  return answer;
};

/** A whole answer of these items. */
export const whole = (output: unknown[], more: Fields = {}): ReturnType<typeof decodeWhole> =>
  decodeWhole(openaiResponses, { object: "response", status: "completed", output, ...more }, { dialect });

export interface SentBody {
  input: ResponsesInputItem[];
  tools?: ResponsesTool[];
  [field: string]: unknown;
}

/** The body that a provider gets. */
export const sent = (request: Partial<MessagesRequest>, options: ContextOptions = {}): SentBody => {
  const all: MessagesRequest = {
    model: "claude-sonnet-4-5",
    max_tokens: 1024,
    messages: [{ role: "user", content: "hello" }],
    ...request,
  };
  const { body } = openaiResponses.encode(all, dialectContext({ dialect, ...options }));
  return JSON.parse(String(body)) as SentBody;
};
