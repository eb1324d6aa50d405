/**
 * Google's subset of OpenAPI 3.0 (ai.google.dev/api/caching#Schema) as JSON Schema: types in lower case, `nullable` as a type, counts as numbers
 * (as 64-bit integers they come as text).
 */
import { isJsonObject, type JsonObject } from "../../../shared/json.ts";
import { camelOf } from "./fields.ts";

const counts = new Set(["minItems", "maxItems", "minProperties", "maxProperties", "minLength", "maxLength"]);
/** Hints for Google's models alone. */
const leftOut = new Set(["nullable", "propertyOrdering", "example"]);
/** Formats that say no more than the type does, and that others refuse. */
const plainFormats = new Set(["enum", "float", "double", "int32", "int64"]);

export const jsonSchemaOf = (schema: unknown): JsonObject => {
  if (!isJsonObject(schema)) return {};
  const out: JsonObject = {};
  for (const [name, value] of Object.entries(schema)) {
    const known = camelOf(name);
    if (!leftOut.has(known) && !(known === "format" && plainFormats.has(String(value))))
      out[known] = valueOf(known, value);
  }
  if (schema["nullable"] === true) {
    if (typeof out["type"] === "string") out["type"] = [out["type"], "null"];
    if (Array.isArray(out["enum"])) out["enum"] = [...(out["enum"] as unknown[]), null];
  }
  return out;
};

const valueOf = (name: string, value: unknown): unknown => {
  if (name === "type" && typeof value === "string") return value.toLowerCase();
  if (name === "items") return jsonSchemaOf(value);
  if (name === "anyOf" && Array.isArray(value)) return value.map(jsonSchemaOf);
  if (counts.has(name) && typeof value === "string" && /^\d+$/.test(value)) return Number(value);
  if (name === "properties" && isJsonObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, jsonSchemaOf(each)]));
  return value;
};
