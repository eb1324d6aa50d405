/** JSON Schemas of tools, changed as little as possible. */
import type { Quirks } from "../../../config/types.ts";
import { rootObject } from "./root-object.ts";

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

/** Deeper than this nothing is touched: no tool's schema is. */
const deepest = 100;

/**
 * The root becomes one plain object with `properties`, without `$schema`. A list names its items, and those of a list of fixed places stand in
 * `prefixItems`: OpenAI refuses all others ("array schema missing items", "is not of type 'object', 'boolean'"). What else is changed below the root is
 * for a provider that needs it: `properties` on every object (`requireToolProperties`), keywords removed (`dropSchemaKeywords`).
 */
export const cleanSchema = (schema: unknown, quirks: Readonly<Quirks>): Schema => {
  const { $schema: _, ...root } = rootObject(schema);
  const object = { ...root, properties: isSchema(root["properties"]) ? root["properties"] : {} };
  const dropped = new Set(quirks.dropSchemaKeywords ?? []);
  return deepClean(object, { dropped, properties: quirks.requireToolProperties === true }, 0);
};

interface Rules {
  readonly dropped: ReadonlySet<string>;
  /** On every object. */
  readonly properties: boolean;
}

const deepClean = (schema: Schema, rules: Rules, depth: number): Schema => {
  if (depth > deepest) return schema;
  const clean = (item: unknown): unknown => (isSchema(item) ? deepClean(item, rules, depth + 1) : item);
  const out: Schema = {};
  for (const [keyword, value] of Object.entries(withItems(schema))) {
    if (rules.dropped.has(keyword)) continue;
    if (inner.has(keyword)) out[keyword] = clean(value);
    else if (lists.has(keyword) && Array.isArray(value)) out[keyword] = value.map(clean);
    else if (maps.has(keyword) && isSchema(value))
      out[keyword] = Object.fromEntries(Object.entries(value).map(([name, item]) => [name, clean(item)]));
    else out[keyword] = value;
  }
  if (rules.properties && out["type"] === "object" && !isSchema(out["properties"])) out["properties"] = {};
  return out;
};

const isList = ({ type }: Schema): boolean =>
  type === "array" || (Array.isArray(type) && type.includes("array"));

/** A list with `items` in today's form (JSON Schema 2020-12), anything where nothing is said of them. */
const withItems = (schema: Schema): Schema => {
  const { items, additionalItems, ...rest } = schema;
  if (!Array.isArray(items)) return items === undefined && isList(schema) ? { ...schema, items: {} } : schema;
  const most = additionalItems === false ? { maxItems: items.length } : {};
  return { ...most, ...rest, prefixItems: items, items: isSchema(additionalItems) ? additionalItems : {} };
};
