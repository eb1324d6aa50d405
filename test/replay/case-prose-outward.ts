/** Hand-written checks of cases in which the client speaks one of OpenAI's forms. */
import { at } from "../support/case-operators.ts";

type Check = (result: unknown) => string | undefined;

export const outwardChecks: Readonly<Record<string, Check>> = {
  "openai_chat_request->anthropic_request/system-only": (result) => {
    const said = at(result, "/messages/0/content/0/text");
    const alone =
      (at(result, "/messages") as unknown[]).length === 1 && at(result, "/messages/0/role") === "user";
    return alone && typeof said === "string" && said.trim() !== ""
      ? undefined
      : `sent: ${JSON.stringify(result)}`;
  },
  "anthropic_stream->openai_chat_stream/thinking-and-text": (result) =>
    at(result, "/reasoning_content") === "First thought. Second thought."
      ? undefined
      : `the reasoning is ${String(at(result, "/reasoning_content"))}`,
  // The judge of the stream counts the indices; what is left is that both items came out.
  "anthropic_stream->openai_responses_stream/server-tools-no-gap": (result) => {
    const types = JSON.stringify(at(result, "/output_types"));
    return types === '["web_search_call","message"]' ? undefined : `items are ${types}`;
  },
};
