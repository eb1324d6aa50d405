/**
 * The form that an answer is to have: JSON of a schema (`output_config.format`; platform.claude.com/docs, structured outputs), or any JSON object,
 * which only clients of OpenAI's ask for. A provider that does not know the form is asked for it in words.
 */
import type { Quirks } from "../../../config/types.ts";
import type { MessagesRequest, TextBlock } from "../../../protocol/anthropic.ts";
import { isJsonObject, type JsonObject } from "../../../shared/json.ts";
import { strictSchema } from "./strict-schema.ts";

export type AnswerFormat =
  | { readonly type: "json_schema"; readonly schema: JsonObject }
  | { readonly type: "json_object" };

/** Undefined where the answer may have any form. */
export const formatOf = (request: MessagesRequest): AnswerFormat | undefined => {
  const format = request.output_config?.format;
  if (!isJsonObject(format)) return undefined;
  if (format["type"] === "json_object") return { type: "json_object" };
  const { schema } = format;
  return format["type"] === "json_schema" && isJsonObject(schema)
    ? { type: "json_schema", schema }
    : undefined;
};

/** The forms that a provider of OpenAI's or Google's protocol can be asked for in fields. */
export const knownFormats = ({ structuredOutput }: Readonly<Quirks>): readonly AnswerFormat["type"][] =>
  structuredOutput === "prompt"
    ? []
    : structuredOutput === "json_object"
      ? ["json_object"]
      : ["json_schema", "json_object"];

/**
 * The request as it can be put to a provider that knows these forms alone: a schema that it does not take stands at the end of the system prompt.
 * The same object where nothing had to change.
 */
export const withKnownFormat = (
  request: MessagesRequest,
  known: readonly AnswerFormat["type"][],
): MessagesRequest => {
  const format = formatOf(request);
  if (format === undefined || known.includes(format.type)) return request;
  const { format: _asked, ...others } = request.output_config ?? {};
  const system: TextBlock[] =
    typeof request.system === "string" ? [{ type: "text", text: request.system }] : (request.system ?? []);
  const config = known.includes("json_object") ? { ...others, format: { type: "json_object" } } : others;
  const { output_config: _config, ...rest } = request;
  return {
    ...rest,
    system: [...system.filter(({ text }) => text !== ""), { type: "text", text: instruction(format) }],
    ...(Object.keys(config).length > 0 && { output_config: config }),
  };
};

const instruction = (format: AnswerFormat): string =>
  format.type === "json_object"
    ? "Your final answer is one JSON object and nothing else: no words around it, no code fence."
    : `Your final answer is JSON and nothing else: no words around it, no code fence. It satisfies this JSON Schema:\n${JSON.stringify(format.schema)}`;

/** A schema with OpenAI's demand that it be kept to the letter, where the schema allows it: with an optional property that is a 400. */
export const namedSchema = (schema: JsonObject): { name: string; strict: boolean; schema: JsonObject } => {
  const strict = strictSchema(schema);
  return { name: "output", strict: strict !== undefined, schema: strict ?? schema };
};
