/** Streams of Gemini's chunks, and requests through the dialect, in one line each. */
import type { GeminiContent, GeminiPart, GeminiRequest } from "../../src/protocol/gemini.ts";
import type { ContentBlock, MessagesRequest } from "../../src/protocol/anthropic.ts";
import { gemini } from "../../src/router/dialects/gemini/index.ts";
import { MessageCollector } from "../../src/router/sinks/message-collector.ts";
import { accumulate, type Accumulated } from "./accumulate.ts";
import { type ContextOptions, decodeStreamed, dialectContext } from "./dialect-context.ts";
import { problemsOf } from "./validate-anthropic-stream.ts";

export const geminiThree = "gemini-3-pro-preview";

/** A chunk with these parts. */
export const partsChunk = (parts: readonly GeminiPart[], more: object = {}, outer: object = {}): object => ({
  candidates: [{ index: 0, content: { role: "model", parts }, ...more }],
  modelVersion: "gemini-3-pro-preview",
  ...outer,
});

/** The last chunk. */
export const lastChunk = (finishReason = "STOP", more: object = {}): object =>
  partsChunk([{ text: "" }], { finishReason, ...more });

/** The bytes of a stream of these chunks, with CRLF as Google sends it; a string stands as it is. */
export const geminiStream = (chunks: readonly (object | string)[]): Buffer =>
  Buffer.from(
    chunks.map((one) => (typeof one === "string" ? one : `data: ${JSON.stringify(one)}\r\n\r\n`)).join(""),
  );

const own = (options: ContextOptions): ContextOptions => ({
  dialect: "gemini",
  model: geminiThree,
  ...options,
});

/** What the client makes of a provider's bytes. Throws where the stream that it gets is not valid. */
export const received = (chunks: Buffer | readonly Buffer[], options: ContextOptions = {}): Accumulated => {
  const all = Buffer.isBuffer(chunks) ? [chunks] : chunks;
  const answer = accumulate(decodeStreamed(gemini, all, own(options)));
  const problems = problemsOf(answer.frames).filter((problem) => problem !== "error before message_start");
  if (problems.length > 0) throw new Error(problems.join("; "));
  return answer;
};

/** The blocks of an answer as a client keeps them and sends them back. */
export const blocksOfStream = (chunks: readonly Buffer[], options: ContextOptions = {}): ContentBlock[] => {
  const context = dialectContext(own(options));
  const sink = new MessageCollector("m");
  const decoder = gemini.decodeStream(sink, context);
  for (const chunk of chunks) decoder.push(chunk);
  decoder.end();
  if (sink.failure !== undefined) throw new Error(sink.failure.message);
  return sink.message().content;
};

export interface SentBody extends GeminiRequest {
  contents: GeminiContent[];
  generationConfig: Record<string, unknown>;
}

const whole = (request: Partial<MessagesRequest>): MessagesRequest => ({
  model: "claude-sonnet-4-5",
  max_tokens: 1024,
  messages: [{ role: "user", content: "hello" }],
  ...request,
});

export const sentText = (request: Partial<MessagesRequest>, options: ContextOptions = {}): string =>
  String(gemini.encode(whole(request), dialectContext(own(options))).body);

export const sent = (request: Partial<MessagesRequest>, options: ContextOptions = {}): SentBody =>
  JSON.parse(sentText(request, options)) as SentBody;

export const pathOf = (options: ContextOptions = {}): string =>
  gemini.encode(whole({}), dialectContext(own(options))).path;
