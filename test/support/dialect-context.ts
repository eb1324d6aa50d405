/** A `DialectContext` as the router would make it, for tests that call a dialect directly. */
import { defaultPolicy } from "../../src/config/resolve-failures.ts";
import type { DialectName, ModelInfo, Quirks } from "../../src/config/types.ts";
import type { MessagesRequest } from "../../src/protocol/anthropic.ts";
import type { DialectContext, HttpDialect, UpstreamFailure } from "../../src/router/dialects/dialect.ts";
import { MessageCollector } from "../../src/router/sinks/message-collector.ts";
import { errorEvent, StreamSink } from "../../src/router/sinks/stream-sink.ts";

export interface ContextOptions {
  dialect?: DialectName;
  model?: string;
  stream?: boolean;
  quirks?: Quirks;
  info?: ModelInfo;
  /** What was asked, for a decoder that needs it. */
  request?: MessagesRequest;
}

export const dialectContext = (options: ContextOptions = {}): DialectContext => ({
  provider: {
    name: "test",
    dialect: options.dialect ?? "openai-chat",
    baseUrl: "http://127.0.0.1:1/v1",
    keys: [],
    auth: "none",
    keyHeader: "authorization",
    headers: {},
    quirks: options.quirks ?? {},
    timeouts: { connect: 1000, firstByte: 1000, idle: 1000, total: 1000 },
    failures: defaultPolicy,
    keyStrategy: "fill-first",
    affinity: true,
    proxy: undefined,
    disabled: undefined,
  },
  model: options.model ?? "test-model",
  info: options.info,
  stream: options.stream ?? true,
  query: "",
  clientHeaders: {},
  rawBody: undefined,
  request: options.request,
});

/** The Anthropic stream that the client gets for a provider's stream: a failure before any content as the error event it becomes. */
export const decodeStreamed = (
  dialect: HttpDialect,
  chunks: readonly Buffer[],
  options: ContextOptions = {},
): string => {
  const sink = new StreamSink("test-model");
  const decoder = dialect.decodeStream(sink, dialectContext(options));
  for (const chunk of chunks) decoder.push(chunk);
  decoder.end();
  return finished(sink);
};

/** The same for a whole answer that comes where a stream was asked for. */
export const decodeWholeAsStream = (
  dialect: HttpDialect,
  body: unknown,
  options: ContextOptions = {},
): string => {
  const sink = new StreamSink("test-model");
  dialect.decodeMessage(body, sink, dialectContext(options));
  return finished(sink);
};

const finished = (sink: StreamSink): string => {
  if (!sink.ended) throw new Error("the decoder neither finished nor failed the answer");
  const written = sink.take();
  if (sink.failure === undefined || written.includes("event: error\n")) return written;
  return written + errorEvent(sink.failure);
};

/** A whole answer as the client gets it, or the failure. */
export const decodeWhole = (
  dialect: HttpDialect,
  body: unknown,
  options: ContextOptions = {},
): { message: ReturnType<MessageCollector["message"]> } | { failure: UpstreamFailure } => {
  const sink = new MessageCollector("test-model");
  dialect.decodeMessage(body, sink, dialectContext({ ...options, stream: false }));
  if (!sink.ended) throw new Error("the decoder neither finished nor failed the answer");
  return sink.failure === undefined ? { message: sink.message() } : { failure: sink.failure };
};
