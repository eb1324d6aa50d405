/** The dialect of Anthropic itself (bytes through) and of providers that speak its form (validated). */
import type { DialectContext, HttpDialect, MessageSink } from "../dialect.ts";
import { encodeRequest } from "./encode.ts";
import { answerHeaders } from "./answer-headers.ts";
import { decodeError } from "./errors.ts";
import { SealingSink } from "./sealing-sink.ts";
import { relayMessage } from "./relay-message.ts";
import { RelayDecoder } from "./relay.ts";
import { AnthropicTap } from "./tap.ts";

/** What Anthropic itself signed needs no envelope: a signature without one is its own. */
const sinkFor = (sink: MessageSink, context: DialectContext): MessageSink =>
  context.provider.quirks.rawStream === true ? sink : new SealingSink(sink, context);

export const anthropic: HttpDialect = {
  kind: "http",
  name: "anthropic",
  encode: encodeRequest,
  decodeStream: (sink, context) => new RelayDecoder(sinkFor(sink, context)),
  decodeMessage: (body, sink, context) => relayMessage(body, sinkFor(sink, context)),
  tap: (context) => (context.provider.quirks.rawStream === true ? new AnthropicTap() : undefined),
  answerHeaders,
  webSearch: (_request, { provider }) => (provider.quirks.webSearch === "none" ? "none" : "own"),
  decodeError,
};
