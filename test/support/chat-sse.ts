/** Streams of chat completion chunks, and requests through the dialect, in one line each. */
import type { ChatAnswer, ChatMessage } from "../../src/protocol/openai-chat.ts";
import type { MessagesRequest } from "../../src/protocol/anthropic.ts";
import { openaiChat } from "../../src/router/dialects/openai-chat/index.ts";
import { accumulate, type Accumulated } from "./accumulate.ts";
import { type ContextOptions, decodeStreamed, dialectContext } from "./dialect-context.ts";
import { problemsOf } from "./validate-anthropic-stream.ts";

/** A chunk with this delta. */
export const chunk = (delta: object, finish: string | null = null, more: object = {}): object => ({
  id: "c1",
  model: "m",
  choices: [{ index: 0, delta, finish_reason: finish }],
  ...more,
});

export const usageChunk = (usage: ChatAnswer["usage"]): object => ({
  id: "c1",
  model: "m",
  choices: [],
  usage,
});

/** The bytes of a stream of these chunks; a string stands as it is. */
export const chatStream = (chunks: readonly (object | string)[], end = "data: [DONE]\n\n"): Buffer =>
  Buffer.from(
    chunks.map((one) => (typeof one === "string" ? one : `data: ${JSON.stringify(one)}\n\n`)).join("") + end,
  );

/** What the client makes of a provider's bytes. Throws where the stream that it gets is not valid. */
export const received = (chunks: Buffer | readonly Buffer[], options: ContextOptions = {}): Accumulated => {
  const answer = accumulate(decodeStreamed(openaiChat, Buffer.isBuffer(chunks) ? [chunks] : chunks, options));
  const problems = problemsOf(answer.frames).filter((problem) => problem !== "error before message_start");
  if (problems.length > 0) throw new Error(problems.join("; "));
  return answer;
};

export interface SentBody {
  messages: ChatMessage[];
  tools?: {
    type: string;
    function: { name: string; description?: string; parameters: Record<string, unknown> };
  }[];
  [field: string]: unknown;
}

/** The text of the body that a provider gets. */
export const sentText = (request: Partial<MessagesRequest>, options: ContextOptions = {}): string => {
  const whole: MessagesRequest = {
    model: "claude-sonnet-4-5",
    max_tokens: 1024,
    messages: [{ role: "user", content: "hello" }],
    ...request,
  };
  return String(openaiChat.encode(whole, dialectContext(options)).body);
};

export const sent = (request: Partial<MessagesRequest>, options: ContextOptions = {}): SentBody =>
  JSON.parse(sentText(request, options)) as SentBody;
