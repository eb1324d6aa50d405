/** Reads a whole answer. */
import { errorTable } from "../../../shared/errors.ts";
import { isJsonObject } from "../../../shared/json.ts";
import type { DialectContext, MessageSink } from "../dialect.ts";
import { failureOfBody } from "../shared/errors.ts";
import { Answer } from "./answer.ts";

/**
 * @param body the parsed JSON, whatever it is: one answer, or the list of chunks that a stream is where `alt=sse` was not passed on. An error
 * in its place, and an answer without any candidate, fail the sink.
 */
export const decodeMessage = (body: unknown, sink: MessageSink, context: DialectContext): void => {
  const chunks = (Array.isArray(body) ? (body as unknown[]) : [body]).filter(isJsonObject);
  const failed = chunks.find((chunk) => chunk["error"] !== undefined && chunk["error"] !== null);
  if (failed !== undefined) return sink.fail(failureOfBody(failed));
  const answer = new Answer(sink, context);
  for (const chunk of chunks) answer.take(chunk);
  if (answer.finishReason !== undefined || answer.blocked) return answer.finish();
  const { message } = answer.begun ? errorTable["upstream.cut"] : errorTable["upstream.notJson"];
  const why = answer.begun ? "the answer has no finish reason" : "it holds no candidate";
  return sink.fail({ status: 502, type: "api_error", message: `${message}: ${why}` });
};
