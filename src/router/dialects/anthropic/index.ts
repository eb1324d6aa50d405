/** The dialect of Anthropic itself (bytes through) and of providers that speak its form (validated). */
import type { HttpDialect } from "../dialect.ts";
import { encodeRequest } from "./encode.ts";
import { answerHeaders } from "./answer-headers.ts";
import { decodeError } from "./errors.ts";
import { relayMessage } from "./relay-message.ts";
import { RelayDecoder } from "./relay.ts";
import { AnthropicTap } from "./tap.ts";

export const anthropic: HttpDialect = {
  kind: "http",
  name: "anthropic",
  encode: encodeRequest,
  decodeStream: (sink) => new RelayDecoder(sink),
  decodeMessage: (body, sink) => relayMessage(body, sink),
  tap: (context) => (context.provider.quirks.rawStream === true ? new AnthropicTap() : undefined),
  answerHeaders,
  decodeError,
};
