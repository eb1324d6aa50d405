/** Reads a whole chat completion. */
import type { ChatAnswer } from "../../../protocol/openai-chat.ts";
import { errorTable } from "../../../shared/errors.ts";
import type { DialectContext, MessageSink } from "../dialect.ts";
import { Answer } from "./answer.ts";
import { failureOfBody } from "../shared/errors.ts";

/**
 * @param body the parsed JSON, whatever it is. An error in the place of an answer (some gateways send it with status 200) and an answer
 * without any choice fail the sink.
 */
export const decodeMessage = (body: unknown, sink: MessageSink, context: DialectContext): void => {
  const answer = (typeof body === "object" && body !== null ? body : {}) as ChatAnswer;
  const choice = Array.isArray(answer.choices) ? answer.choices[0] : undefined;
  if ((answer.error !== undefined && answer.error !== null) || Array.isArray(body))
    return sink.fail(failureOfBody(body));
  if (choice === undefined || choice === null)
    return sink.fail({
      status: 502,
      type: "api_error",
      message: `${errorTable["upstream.notJson"].message}: it holds no choice`,
    });
  const whole = new Answer(sink, context);
  whole.take(answer, "message");
  return whole.finish();
};
