/** The dialect of OpenAI Chat Completions, spoken by most providers and by local servers. */
import type { DialectContext, HttpDialect, MessageSink } from "../dialect.ts";
import { decodeMessage } from "./decode-message.ts";
import { ChatStreamDecoder } from "./decode-stream.ts";
import { encode } from "./encode/request.ts";
import { wayOfSearch } from "./search.ts";
import { decodeError } from "../shared/errors.ts";
import { stoppingSink } from "../shared/stopping-sink.ts";

const stopping = (sink: MessageSink, context: DialectContext): MessageSink =>
  stoppingSink(sink, context, context.provider.quirks.mostStops ?? Infinity);

export const openaiChat: HttpDialect = {
  kind: "http",
  name: "openai-chat",
  encode,
  decodeStream: (sink, context) => new ChatStreamDecoder(stopping(sink, context), context),
  decodeMessage: (body, sink, context) => decodeMessage(body, stopping(sink, context), context),
  webSearch: (_request, { provider }) => wayOfSearch(provider.quirks),
  decodeError,
};
