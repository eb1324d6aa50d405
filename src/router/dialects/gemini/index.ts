/** The dialect of Google's Gemini API: generateContent and streamGenerateContent. */
import type { HttpDialect } from "../dialect.ts";
import { decodeError } from "../shared/errors.ts";
import { decodeMessage } from "./decode-message.ts";
import { GeminiStreamDecoder } from "./decode-stream.ts";
import { toolPlan } from "./tool-plan.ts";
import { encode } from "./encode/request.ts";

export const gemini: HttpDialect = {
  kind: "http",
  name: "gemini",
  encode,
  decodeStream: (sink, context) => new GeminiStreamDecoder(sink, context),
  decodeMessage,
  webSearch: (request, { provider, model }) =>
    provider.quirks.webSearch !== "none" && toolPlan(request, model).search ? "own" : "none",
  decodeError,
};
