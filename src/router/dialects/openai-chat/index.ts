/** The dialect of OpenAI Chat Completions, spoken by most providers and by local servers. */
import type { HttpDialect } from "../dialect.ts";
import { decodeMessage } from "./decode-message.ts";
import { ChatStreamDecoder } from "./decode-stream.ts";
import { encode } from "./encode/request.ts";
import { wayOfSearch } from "./search.ts";
import { decodeError } from "../shared/errors.ts";

export const openaiChat: HttpDialect = {
  kind: "http",
  name: "openai-chat",
  encode,
  decodeStream: (sink, context) => new ChatStreamDecoder(sink, context),
  decodeMessage,
  webSearch: (_request, { provider }) => wayOfSearch(provider.quirks),
  decodeError,
};
