/** Schemas that OpenAI takes with `strict: true` (developers.openai.com, structured outputs, supported schemas). */
import { isJsonObject, type JsonObject } from "../../../shared/json.ts";

/** Keywords that are a 400 there ("'minLength' is not permitted"). */
const refused = [
  "allOf",
  "oneOf",
  "not",
  "if",
  "then",
  "else",
  "patternProperties",
  "dependentSchemas",
  "dependentRequired",
  "prefixItems",
  "contains",
  "minContains",
  "maxContains",
  "uniqueItems",
  "propertyNames",
  "minProperties",
  "maxProperties",
  "unevaluatedProperties",
  "unevaluatedItems",
  "minLength",
  "maxLength",
  "default",
];

/** All formats that are taken ("'uri' is not a valid format"). */
const formats = new Set<unknown>([
  "date-time",
  "time",
  "date",
  "duration",
  "email",
  "hostname",
  "ipv4",
  "ipv6",
  "uuid",
]);

/**
 * The schema with `additionalProperties: false` wherever it was left open by silence. Undefined where strictness would change what the tool gets:
 * an optional property would come as null, and free keys not at all.
 */
export const strictSchema = (schema: JsonObject): JsonObject | undefined =>
  // At the root no choice is taken.
  "anyOf" in schema ? undefined : strictly(schema);

const strictly = (schema: JsonObject): JsonObject | undefined => {
  if (refused.some((keyword) => keyword in schema)) return undefined;
  if ("format" in schema && !formats.has(schema["format"])) return undefined;
  if (!["type", "anyOf", "enum", "const", "$ref"].some((keyword) => keyword in schema)) return undefined;
  const out: JsonObject = { ...schema };
  if (schema["type"] === "object" || schema["properties"] !== undefined) {
    const properties = isJsonObject(schema["properties"]) ? schema["properties"] : {};
    const required: unknown[] = Array.isArray(schema["required"]) ? schema["required"] : [];
    const free = schema["additionalProperties"];
    if (free !== undefined && free !== false) return undefined;
    if (Object.keys(properties).some((name) => !required.includes(name))) return undefined;
    const inner = strictMap(properties);
    if (inner === undefined) return undefined;
    Object.assign(out, { properties: inner, required, additionalProperties: false });
  }
  for (const keyword of ["$defs", "definitions"]) {
    if (!isJsonObject(schema[keyword])) continue;
    const inner = strictMap(schema[keyword]);
    if (inner === undefined) return undefined;
    out[keyword] = inner;
  }
  if (schema["items"] !== undefined) {
    const items = isJsonObject(schema["items"]) ? strictly(schema["items"]) : undefined;
    if (items === undefined) return undefined;
    out["items"] = items;
  }
  if (Array.isArray(schema["anyOf"])) {
    const any = (schema["anyOf"] as unknown[]).map((one) => (isJsonObject(one) ? strictly(one) : undefined));
    if (any.includes(undefined)) return undefined;
    out["anyOf"] = any;
  }
  return out;
};

const strictMap = (schemas: JsonObject): JsonObject | undefined => {
  const out: JsonObject = {};
  for (const [name, schema] of Object.entries(schemas)) {
    const strict = isJsonObject(schema) ? strictly(schema) : undefined;
    if (strict === undefined) return undefined;
    out[name] = strict;
  }
  return out;
};
