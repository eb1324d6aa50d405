/** Reads a whole answer of OpenAI Responses. */
import type { ResponsesAnswer } from "../../../protocol/openai-responses.ts";
import { errorTable } from "../../../shared/errors.ts";
import { isJsonObject } from "../../../shared/json.ts";
import type { DialectContext, MessageSink } from "../dialect.ts";
import { failureOfBody } from "../shared/errors.ts";
import { Answer } from "./answer.ts";
import { failureOfAnswer } from "./status.ts";

/** @param body the parsed JSON, whatever it is. An error in the place of an answer and an answer without `output` fail the sink. */
export const decodeMessage = (body: unknown, sink: MessageSink, context: DialectContext): void => {
  if (Array.isArray(body)) return sink.fail(failureOfBody(body));
  const answer: ResponsesAnswer = isJsonObject(body) ? body : {};
  const failure = failureOfAnswer(answer);
  if (failure !== undefined) return sink.fail(failure);
  if (!Array.isArray(answer.output))
    return sink.fail({
      status: 502,
      type: "api_error",
      message: `${errorTable["upstream.notJson"].message}: it holds no output`,
    });
  return new Answer(sink, context).end(answer);
};
