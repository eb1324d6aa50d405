/** What the loopback provider answers, as bytes made once; and how an answer is checked at the other end. */

export type Form = "anthropic" | "chat" | "gemini";
export const forms: readonly Form[] = ["chat", "gemini", "anthropic"];

/**
 * How it answers: 60 chunks at once, of which several come in one read; 60 that each come alone; 1,000 of them at once; 60 with 20 ms between them,
 * as a fast model's; or the first two alone, after which the stream stays open until the other end closes it.
 */
export type AnswerName = "short" | "each" | "long" | "paced" | "held";
export const answerNames: readonly AnswerName[] = ["short", "each", "long", "paced", "held"];

/** Text deltas of a streamed answer. */
export const deltaCounts: Readonly<Record<AnswerName, number>> = {
  short: 60,
  each: 60,
  long: 1000,
  paced: 60,
  held: 60,
};

/**
 * Milliseconds between two chunks; 0: one a turn of the event loop. On a busy machine several of those lie in the socket before they are read, which is
 * why chunks that are to come alone are a millisecond apart.
 */
export const paceOf: Readonly<Record<AnswerName, number>> = {
  short: 0,
  each: 1,
  long: 0,
  paced: 20,
  held: 0,
};

// ASCII without quotes and backslashes: what is read back from the JSON needs no unescaping.
const deltasOf = (answer: AnswerName): string[] =>
  Array.from({ length: deltaCounts[answer] }, (_, i) => `word ${i} of the answer, `);
const texts = Object.fromEntries(answerNames.map((name) => [name, deltasOf(name).join("")])) as Record<
  AnswerName,
  string
>;

const usage = { input_tokens: 500, output_tokens: 300 };

const anthropicEvents = (deltas: readonly string[]): string[] => {
  const event = (data: { type: string; [field: string]: unknown }): string =>
    `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
  return [
    event({
      type: "message_start",
      message: {
        id: "msg_bench",
        type: "message",
        role: "assistant",
        model: "bench",
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { ...usage, output_tokens: 1 },
      },
    }),
    event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }),
    ...deltas.map((text) =>
      event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } }),
    ),
    event({ type: "content_block_stop", index: 0 }),
    event({ type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage }),
    event({ type: "message_stop" }),
  ];
};

const chatUsage = { prompt_tokens: 500, completion_tokens: 300, total_tokens: 800 };

const chatEvents = (deltas: readonly string[]): string[] => {
  const event = (delta: unknown, finish: string | null = null): string =>
    `data: ${JSON.stringify({
      id: "chatcmpl-bench",
      object: "chat.completion.chunk",
      created: 1_700_000_000,
      model: "bench",
      choices: [{ index: 0, delta, finish_reason: finish }],
    })}\n\n`;
  const usageEvent = {
    id: "chatcmpl-bench",
    object: "chat.completion.chunk",
    created: 1_700_000_000,
    model: "bench",
    choices: [],
    usage: chatUsage,
  };
  return [
    event({ role: "assistant", content: "" }),
    ...deltas.map((content) => event({ content })),
    event({}, "stop"),
    `data: ${JSON.stringify(usageEvent)}\n\n`,
    "data: [DONE]\n\n",
  ];
};

/** As ai.google.dev/api/generate-content has it: usage in every chunk, lines that end with CR LF. */
const geminiAnswer = (text: string, last: boolean): object => ({
  candidates: [
    { content: { parts: [{ text }], role: "model" }, ...(last && { finishReason: "STOP" }), index: 0 },
  ],
  usageMetadata: { promptTokenCount: 500, candidatesTokenCount: 300, totalTokenCount: 800 },
  modelVersion: "bench",
  responseId: "bench",
});

const geminiEvents = (deltas: readonly string[]): string[] =>
  deltas.map((text, i) => `data: ${JSON.stringify(geminiAnswer(text, i === deltas.length - 1))}\r\n\r\n`);

const eventsOf: Readonly<Record<Form, (deltas: readonly string[]) => string[]>> = {
  anthropic: anthropicEvents,
  chat: chatEvents,
  gemini: geminiEvents,
};

const wholes: Readonly<Record<Form, object>> = {
  anthropic: {
    id: "msg_bench",
    type: "message",
    role: "assistant",
    model: "bench",
    content: [{ type: "text", text: texts.short }],
    stop_reason: "end_turn",
    stop_sequence: null,
    usage,
  },
  chat: {
    id: "chatcmpl-bench",
    object: "chat.completion",
    created: 1_700_000_000,
    model: "bench",
    choices: [{ index: 0, message: { role: "assistant", content: texts.short }, finish_reason: "stop" }],
    usage: chatUsage,
  },
  gemini: geminiAnswer(texts.short, true),
};

const httpChunk = (text: string): Buffer =>
  Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);

/** The pieces of a streamed answer as they go on the wire: the head with the first event, one chunk an event, the end. */
export const streamPieces = (form: Form, answer: AnswerName): Buffer[] => {
  const pieces = eventsOf[form](deltasOf(answer)).map(httpChunk);
  const head = Buffer.from(
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n",
  );
  pieces[0] = Buffer.concat([head, pieces[0]!]);
  pieces[pieces.length - 1] = Buffer.concat([pieces.at(-1)!, Buffer.from("0\r\n\r\n")]);
  // Enough that every form has sent some text.
  return answer === "held" ? pieces.slice(0, 4) : pieces;
};

/** A whole answer as it goes on the wire. */
export const wholeAnswer = (form: Form): Buffer => jsonAnswer(200, JSON.stringify(wholes[form]));

export const jsonAnswer = (status: number, json: string): Buffer =>
  Buffer.from(
    `HTTP/1.1 ${status} ${status === 200 ? "OK" : "Bad Request"}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(json)}\r\n\r\n${json}`,
  );

/** In a body as it grows, the first sign of content; `form` is the one that the client speaks. */
export const contentMark = (form: Form, stream: boolean): string => {
  if (!stream) return "{";
  return { anthropic: "text_delta", chat: `"content":"w`, gemini: `"text":"w` }[form];
};

const textIn: Readonly<Record<Form, RegExp>> = {
  anthropic: /"text":\s?"([^"]*)"/g,
  chat: /"content":\s?"([^"]*)"/g,
  gemini: /"text":\s?"([^"]*)"/g,
};

const endOf: Readonly<Record<Form, string>> = {
  anthropic: "message_stop",
  chat: "[DONE]",
  gemini: `"finishReason":"STOP"`,
};

/** @returns what is wrong with an answer, or undefined */
export const faultOf = (
  form: Form,
  stream: boolean,
  answer: AnswerName,
  status: number,
  body: string,
): string | undefined => {
  if (status !== 200) return `status ${status}`;
  const expected = texts[answer];
  let text = "";
  for (const match of body.matchAll(textIn[form])) text += match[1]!;
  if (text !== expected)
    return `the text is not the provider's (${text.length} of ${expected.length} characters)`;
  if (stream && !body.slice(-300).includes(endOf[form])) return `the stream does not end with ${endOf[form]}`;
  return undefined;
};
