/** What both of OpenAI's request forms say in the same way beside the conversation: numbers, the form of the answer, the user. */
import type { MessagesRequest } from "../../../protocol/anthropic.ts";
import { isJsonObject, type JsonObject } from "../../../shared/json.ts";
import { refuse, type Beyond } from "./refusal.ts";

/** The most tokens of an answer. @param field as the error names it @throws SwitchyardError request.malformed */
export const limitOf = (most: unknown, field: string): Partial<MessagesRequest> => {
  if (most === undefined || most === null) return {};
  if (typeof most !== "number" || !Number.isInteger(most) || most < 1)
    return refuse(`${field}: a whole number was expected, found ${JSON.stringify(most)}`);
  return { max_tokens: most };
};

/** Those of `fields` that the body names, which bear the same names in the hub. @throws SwitchyardError request.malformed */
export const samplingOf = (
  body: JsonObject,
  fields: readonly ("temperature" | "top_p" | "top_k")[],
): Partial<MessagesRequest> => {
  const out: Partial<MessagesRequest> = {};
  for (const field of fields) {
    const value = body[field];
    if (value === undefined || value === null) continue;
    if (typeof value !== "number") refuse(`${field}: a number was expected, found ${JSON.stringify(value)}`);
    else out[field] = value;
  }
  return out;
};

/**
 * The form of the answer.
 * @param format as the body has it; @param schemaOf where its schema stands, by the client's form; @param field as the client names it
 * @param effort what the hub keeps in the same field
 */
export const outputOf = (
  format: unknown,
  schemaOf: (format: JsonObject) => unknown,
  { field, effort, beyond }: { field: string; effort: MessagesRequest["output_config"]; beyond: Beyond },
): Partial<MessagesRequest> => {
  if (!isJsonObject(format) || format["type"] === "text") return {};
  if (format["type"] === "json_object") return { output_config: { ...effort, format } };
  const schema = schemaOf(format);
  if (format["type"] === "json_schema" && isJsonObject(schema))
    return { output_config: { ...effort, format: { type: "json_schema", schema } } };
  beyond.unsupported.add(`${field} of type ${String(format["type"])} (use json_schema)`);
  return {};
};

export const userOf = (body: JsonObject): Partial<MessagesRequest> => {
  const user = body["user"] ?? body["safety_identifier"];
  return typeof user === "string" && user !== "" ? { metadata: { user_id: user } } : {};
};
