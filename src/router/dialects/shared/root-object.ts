/** The root of a tool's schema, which the APIs want to be one plain object. */
import { isJsonObject, type JsonObject } from "../../../shared/json.ts";
import { targetOf } from "./schema-refs.ts";

const stringsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];

const propertiesOf = (schema: JsonObject): JsonObject =>
  isJsonObject(schema["properties"]) ? schema["properties"] : {};

/** A schema with what a reference at its top points at in it. */
const followed = (schema: JsonObject, root: JsonObject): JsonObject => {
  const { $ref: ref, ...own } = schema;
  const target = typeof ref === "string" ? targetOf(root, ref) : undefined;
  if (!isJsonObject(target) || target === root) return schema;
  const { $ref: _further, ...there } = target;
  return { ...there, ...own };
};

/** What alternatives say of one property, each thing once: `kind` is another constant in each of them. */
const merged = (one: unknown, other: unknown): unknown => {
  if (one === undefined || JSON.stringify(one) === JSON.stringify(other)) return other;
  const keys = isJsonObject(one) ? Object.keys(one) : [];
  const before =
    isJsonObject(one) && keys.length === 1 && Array.isArray(one["anyOf"])
      ? (one["anyOf"] as unknown[])
      : [one];
  const said = before.some((schema) => JSON.stringify(schema) === JSON.stringify(other));
  return said ? one : { anyOf: [...before, other] };
};

/** With a condition that has no place at the root told in words. */
const inWords = (description: unknown, rest: JsonObject): string | undefined => {
  const said = typeof description === "string" ? description : "";
  if (Object.keys(rest).length === 0) return said === "" ? undefined : said;
  return [said, `JSON Schema: ${JSON.stringify(rest)}`].filter((line) => line !== "").join("\n");
};

/**
 * The schema of a function's arguments as one object. Anthropic ("input_schema does not support oneOf, allOf, or anyOf at the top level") and OpenAI
 * ("schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'const'/'not' at the top level") refuse anything else. Of a union the
 * properties of every alternative may be given, those that all of them need are needed, and what else each needs is told in the description.
 */
export const rootObject = (parameters: unknown): JsonObject => {
  if (!isJsonObject(parameters)) return { type: "object", properties: {} };
  const { anyOf, oneOf, allOf, enum: _enum, const: _const, not, ...rest } = followed(parameters, parameters);
  const lists = [
    ["anyOf", anyOf],
    ["oneOf", oneOf],
    ["allOf", allOf],
  ].filter((entry): entry is [string, unknown[]] => Array.isArray(entry[1]));
  const told: JsonObject = not === undefined ? {} : { not };
  if (lists.length === 0 && not === undefined) return { ...rest, type: "object" };
  const properties: JsonObject = { ...propertiesOf(rest) };
  const required = new Set(stringsOf(rest["required"]));
  for (const [name, list] of lists) {
    const members = list.filter(isJsonObject).map((member) => followed(member, parameters));
    for (const member of members)
      for (const [property, schema] of Object.entries(propertiesOf(member)))
        properties[property] = merged(properties[property], schema);
    const needs = members.map((member) => stringsOf(member["required"]));
    const everywhere = (property: string): boolean => needs.every((need) => need.includes(property));
    for (const property of needs.flat()) if (name === "allOf" || everywhere(property)) required.add(property);
    if (name !== "allOf" && needs.some((need) => !need.every(everywhere)))
      told[name] = needs.map((need) => ({ required: need }));
  }
  const description = inWords(rest["description"], told);
  return {
    ...rest,
    ...(description !== undefined && { description }),
    type: "object",
    properties,
    ...(required.size > 0 && { required: [...required] }),
  };
};
