/** The dialect of Google's Gemini API: generateContent and streamGenerateContent. */
import type { HttpDialect } from "../dialect.ts";
import { decodeError } from "../shared/errors.ts";
import { decodeMessage } from "./decode-message.ts";
import { GeminiStreamDecoder } from "./decode-stream.ts";
import { encode } from "./encode/request.ts";

export const gemini: HttpDialect = {
  kind: "http",
  name: "gemini",
  encode,
  decodeStream: (sink, context) => new GeminiStreamDecoder(sink, context),
  decodeMessage,
  decodeError,
};
