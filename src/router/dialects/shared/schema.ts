/** JSON Schemas of tools, changed as little as possible. */
import type { Quirks } from "../../../config/types.ts";

type Schema = Record<string, unknown>;

const isSchema = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Keywords whose values are schemas, lists of schemas, or maps of schemas by name. */
const inner = new Set([
  "items",
  "additionalProperties",
  "not",
  "if",
  "then",
  "else",
  "contains",
  "propertyNames",
]);
const lists = new Set(["anyOf", "oneOf", "allOf", "prefixItems"]);
const maps = new Set(["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"]);

/**
 * The root becomes an object with `properties`, without `$schema`. Deeper levels are touched only for a provider that needs it: `properties`
 * on every object (`requireToolProperties`), keywords removed (`dropSchemaKeywords`).
 */
export const cleanSchema = (schema: unknown, quirks: Readonly<Quirks>): Schema => {
  const { $schema: _, ...root } = isSchema(schema) ? schema : {};
  const object = {
    ...root,
    type: "object",
    properties: isSchema(root["properties"]) ? root["properties"] : {},
  };
  const dropped = quirks.dropSchemaKeywords ?? [];
  if (quirks.requireToolProperties !== true && dropped.length === 0) return object;
  return deepClean(object, { dropped: new Set(dropped), properties: quirks.requireToolProperties === true });
};

const deepClean = (schema: Schema, rules: { dropped: ReadonlySet<string>; properties: boolean }): Schema => {
  const out: Schema = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (rules.dropped.has(keyword)) continue;
    if (inner.has(keyword) && isSchema(value)) out[keyword] = deepClean(value, rules);
    else if (lists.has(keyword) && Array.isArray(value))
      out[keyword] = value.map((item: unknown) => (isSchema(item) ? deepClean(item, rules) : item));
    else if (maps.has(keyword) && isSchema(value))
      out[keyword] = Object.fromEntries(
        Object.entries(value).map(([name, item]) => [name, isSchema(item) ? deepClean(item, rules) : item]),
      );
    else out[keyword] = value;
  }
  if (rules.properties && out["type"] === "object" && !isSchema(out["properties"])) out["properties"] = {};
  return out;
};
