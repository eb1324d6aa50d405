/** A request of OpenAI Responses (developers.openai.com, api reference, responses) as a hub request. */
import type { MessagesRequest } from "../../../protocol/anthropic.ts";
import { isJsonObject, type JsonObject } from "../../../shared/json.ts";
import { Conversation, textBlocks } from "../shared/conversation.ts";
import { Beyond, refuse } from "../shared/refusal.ts";
import { limitOf, outputOf, samplingOf, userOf } from "../shared/settings.ts";
import { effortFields } from "../shared/thinking.ts";
import type { ClientTools } from "../shared/tools.ts";
import { addItem } from "./input.ts";
import { responsesToolsOf } from "./tools.ts";

export interface DecodedResponses {
  readonly request: MessagesRequest;
  readonly beyond: Beyond;
  readonly tools: ClientTools;
}

/** Fields that only steer the sampling or the books: an answer without them is still right. */
const harmless = ["top_logprobs", "max_tool_calls", "truncation", "service_tier"];

/** What needs a store, or a service, of OpenAI's own. */
const foreign = ["previous_response_id", "conversation", "prompt"];

/**
 * @param body the parsed JSON; @param size of its text, for cache markers
 * @throws SwitchyardError request.malformed, with what is wrong and where
 */
export const decodeResponsesRequest = (body: unknown, size: number): DecodedResponses => {
  if (!isJsonObject(body)) return refuse("a JSON object was expected");
  const { model, input, instructions } = body;
  if (typeof model !== "string" || model === "") return refuse("model: a model id is missing");
  const beyond = new Beyond();
  const conversation = new Conversation();
  conversation.system(textBlocks(instructions));
  if (typeof input === "string") conversation.user(textBlocks(input));
  else if (Array.isArray(input))
    for (const [i, item] of input.entries()) addItem(conversation, item, `input.${i}`, beyond);
  else if (!foreign.some((field) => typeof body[field] === "string" || isJsonObject(body[field])))
    return refuse("input: text or a list of items is missing");
  const { tools, fields, known } = responsesToolsOf(body, beyond);
  const reasoning = reasoningOf(body);
  const request: MessagesRequest = {
    model,
    ...conversation.finish(size),
    ...(tools.length > 0 && { tools }),
    ...fields,
    ...limitOf(body["max_output_tokens"], "max_output_tokens"),
    ...samplingOf(body, ["temperature", "top_p"]),
    ...reasoning,
    ...outputOf(isJsonObject(body["text"]) ? body["text"]["format"] : undefined, ({ schema }) => schema, {
      field: "text.format",
      effort: reasoning.output_config,
      beyond,
    }),
    ...userOf(body),
    ...(body["stream"] === true && { stream: true }),
  };
  note(body, beyond);
  return { request, beyond, tools: known };
};

const reasoningOf = (body: JsonObject): Partial<MessagesRequest> =>
  isJsonObject(body["reasoning"]) ? effortFields(body["reasoning"]["effort"]) : {};

/** What the hub has no place for. */
const note = (body: JsonObject, beyond: Beyond): void => {
  for (const field of harmless) {
    const value = body[field];
    const usual =
      value === undefined || value === null || value === 0 || value === "auto" || value === "disabled";
    if (!usual) beyond.ignored.add(field);
  }
  for (const field of foreign)
    if (typeof body[field] === "string" || isJsonObject(body[field]))
      beyond.unsupported.add(`${field} (nothing is stored here: send the whole conversation in input)`);
  if (body["background"] === true) beyond.unsupported.add("background");
};
