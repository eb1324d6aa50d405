/** The dialect of Google's Gemini API: generateContent and streamGenerateContent. */
import type { HttpDialect } from "../dialect.ts";
import { decodeError } from "../shared/errors.ts";
import { stoppingSink } from "../shared/stopping-sink.ts";
import { decodeMessage } from "./decode-message.ts";
import { GeminiStreamDecoder } from "./decode-stream.ts";
import { mostStops } from "./models.ts";
import { toolPlan } from "./tool-plan.ts";
import { encode } from "./encode/request.ts";

export const gemini: HttpDialect = {
  kind: "http",
  name: "gemini",
  encode,
  decodeStream: (sink, context) => new GeminiStreamDecoder(stoppingSink(sink, context, mostStops), context),
  decodeMessage: (body, sink, context) =>
    decodeMessage(body, stoppingSink(sink, context, mostStops), context),
  webSearch: (request, { provider, model }) =>
    provider.quirks.webSearch !== "none" && toolPlan(request, model).search ? "own" : "none",
  decodeError,
};
