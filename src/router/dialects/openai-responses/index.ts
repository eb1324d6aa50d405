/** The dialect of OpenAI Responses: OpenAI itself, back ends of Codex, and servers that follow it. */
import type { HttpDialect } from "../dialect.ts";
import { decodeError } from "../shared/errors.ts";
import { decodeMessage } from "./decode-message.ts";
import { ResponsesStreamDecoder } from "./decode-stream.ts";
import { encode } from "./encode/request.ts";

export const openaiResponses: HttpDialect = {
  kind: "http",
  name: "openai-responses",
  encode,
  decodeStream: (sink, context) => new ResponsesStreamDecoder(sink, context),
  decodeMessage,
  webSearch: (_request, { provider }) => (provider.quirks.webSearch === "none" ? "none" : "own"),
  decodeError,
};
