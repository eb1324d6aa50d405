/** What the loopback provider answers, as bytes made once; and how an answer is checked at the other end. */

export type Form = "anthropic" | "chat";
export const forms: readonly Form[] = ["anthropic", "chat"];

/** Text deltas of a streamed answer. */
export const deltaCount = 60;

// ASCII without quotes and backslashes: what is read back from the JSON needs no unescaping.
const deltas = Array.from({ length: deltaCount }, (_, i) => `word ${i} of the answer, `);
export const answerText = deltas.join("");

const usage = { input_tokens: 500, output_tokens: 300 };

const anthropicEvents = (): string[] => {
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

const chatEvents = (): string[] => {
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

const wholeAnthropic = JSON.stringify({
  id: "msg_bench",
  type: "message",
  role: "assistant",
  model: "bench",
  content: [{ type: "text", text: answerText }],
  stop_reason: "end_turn",
  stop_sequence: null,
  usage,
});

const wholeChat = JSON.stringify({
  id: "chatcmpl-bench",
  object: "chat.completion",
  created: 1_700_000_000,
  model: "bench",
  choices: [{ index: 0, message: { role: "assistant", content: answerText }, finish_reason: "stop" }],
  usage: chatUsage,
});

const httpChunk = (text: string): Buffer =>
  Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);

/** The pieces of a streamed answer as they go on the wire: the head with the first event, one chunk an event, the end. */
export const streamPieces = (form: Form): Buffer[] => {
  const events = form === "anthropic" ? anthropicEvents() : chatEvents();
  const pieces = events.map(httpChunk);
  const head = Buffer.from(
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n",
  );
  pieces[0] = Buffer.concat([head, pieces[0]!]);
  pieces[pieces.length - 1] = Buffer.concat([pieces.at(-1)!, Buffer.from("0\r\n\r\n")]);
  return pieces;
};

/** A whole answer as it goes on the wire. */
export const wholeAnswer = (form: Form): Buffer =>
  jsonAnswer(200, form === "anthropic" ? wholeAnthropic : wholeChat);

export const jsonAnswer = (status: number, json: string): Buffer =>
  Buffer.from(
    `HTTP/1.1 ${status} ${status === 200 ? "OK" : "Bad Request"}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(json)}\r\n\r\n${json}`,
  );

/** In a body as it grows, the first sign of content; `form` is the one that the client speaks. */
export const contentMark = (form: Form, stream: boolean): string => {
  if (!stream) return "{";
  return form === "anthropic" ? "text_delta" : `"content":"w`;
};

const textIn: Readonly<Record<Form, RegExp>> = {
  anthropic: /"text":\s?"([^"]*)"/g,
  chat: /"content":\s?"([^"]*)"/g,
};

const endOf: Readonly<Record<Form, string>> = { anthropic: "message_stop", chat: "[DONE]" };

/** @returns what is wrong with an answer, or undefined */
export const faultOf = (form: Form, stream: boolean, status: number, body: string): string | undefined => {
  if (status !== 200) return `status ${status}`;
  let text = "";
  for (const match of body.matchAll(textIn[form])) text += match[1]!;
  if (text !== answerText)
    return `the text is not the provider's (${text.length} of ${answerText.length} characters)`;
  if (stream && !body.slice(-80).includes(endOf[form])) return `the stream does not end with ${endOf[form]}`;
  return undefined;
};
