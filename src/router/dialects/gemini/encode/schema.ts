/**
 * A tool's JSON Schema in Google's form, a subset of OpenAPI 3.0 (ai.google.dev/api/caching#Schema), which refuses every keyword that it does
 * not know. It is taken by all versions of the API and by Vertex; `parametersJsonSchema`, which takes more, is not.
 *
 * Nothing that the model should know is lost: references are written out (a recursion once), `const` becomes `enum`, null becomes `nullable`, and
 * what has no keyword there is told in the description, as JSON Schema.
 */
import type { GeminiSchema } from "../../../../protocol/gemini.ts";
import { isJsonObject, type JsonObject } from "../../../../shared/json.ts";
import { targetOf } from "../../shared/schema-refs.ts";
import { anyScalar, anyValue, withDescription, withNullable } from "./schema-parts.ts";
import { alsoKeyword, both, nameOfRef, resolve, type Resolved } from "./schema-resolve.ts";

/** Beyond these a schema is cut short with a word: references that fan out would otherwise grow without end. */
const most = { nodes: 4000, depth: 48 };

/** Keywords that are told in the description, where they are there. All that are known nowhere are dropped. */
const told = [
  "default",
  "examples",
  "example",
  "pattern",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "uniqueItems",
  "minProperties",
  "maxProperties",
  "patternProperties",
  "propertyNames",
  "unevaluatedProperties",
  "dependentRequired",
  "dependentSchemas",
  "dependencies",
  "contains",
  "minContains",
  "maxContains",
  "prefixItems",
  "not",
  "if",
  "then",
  "else",
  "contentEncoding",
  "contentMediaType",
  "deprecated",
];

const keptFormats: Record<string, readonly string[]> = {
  string: ["date-time"],
  number: ["float", "double"],
  integer: ["int32", "int64"],
};

const limits: Record<string, readonly ("minLength" | "maxLength" | "minimum" | "maximum")[]> = {
  string: ["minLength", "maxLength"],
  number: ["minimum", "maximum"],
  integer: ["minimum", "maximum"],
};

/** The parameters of a function; undefined where it takes none: an object without properties is refused. */
export const parametersOf = (schema: unknown): GeminiSchema | undefined => {
  if (!isJsonObject(schema)) return undefined;
  const writer = new Writer(schema);
  const { schema: resolved, refs } = resolve(schema, schema, []);
  const object = writer.object(asOneObject({ ...resolved, type: "object" }, schema, refs), refs, 0);
  return object.properties === undefined || Object.keys(object.properties).length === 0 ? undefined : object;
};

/** A schema for an answer, of any type. */
export const answerSchema = (schema: JsonObject): GeminiSchema => new Writer(schema).write(schema, [], 0);

/** The parameters of a function must be one object: alternatives become optional properties of it, and the choice is told in words. */
const asOneObject = (schema: JsonObject, root: JsonObject, refs: readonly string[]): JsonObject => {
  const choice = alternativesOf(schema);
  if (choice === undefined) return schema;
  const members = choice.filter(isJsonObject).map((member) => resolve(member, root, refs).schema);
  const properties: JsonObject = isJsonObject(schema["properties"]) ? { ...schema["properties"] } : {};
  for (const member of members)
    for (const [name, value] of Object.entries(
      isJsonObject(member["properties"]) ? member["properties"] : {},
    )) {
      const before = properties[name];
      if (before === undefined) properties[name] = value;
      else if (JSON.stringify(before) !== JSON.stringify(value))
        properties[name] = { anyOf: [...(isJsonObject(before) ? flat(before) : []), value] };
    }
  const everywhere = (name: unknown): boolean =>
    members.every((member) => Array.isArray(member["required"]) && member["required"].includes(name));
  const own = Array.isArray(schema["required"]) ? (schema["required"] as unknown[]) : [];
  const shared = Array.isArray(members[0]?.["required"]) ? members[0]["required"].filter(everywhere) : [];
  return { ...schema, properties, required: [...new Set([...own, ...shared])] };
};

const flat = (schema: JsonObject): unknown[] =>
  Array.isArray(schema["anyOf"]) && Object.keys(schema).length === 1
    ? (schema["anyOf"] as unknown[])
    : [schema];

const alternativesOf = (schema: JsonObject): unknown[] | undefined => {
  for (const keyword of ["anyOf", "oneOf"])
    if (Array.isArray(schema[keyword]) && schema[keyword].length > 0) return schema[keyword] as unknown[];
  return undefined;
};

const isNull = (schema: unknown): boolean =>
  isJsonObject(schema) &&
  (schema["type"] === "null" ||
    ("const" in schema && schema["const"] === null) ||
    (Array.isArray(schema["enum"]) && schema["enum"].length === 1 && schema["enum"][0] === null));

class Writer {
  readonly #root: JsonObject;
  #nodes = 0;

  constructor(root: JsonObject) {
    this.#root = root;
  }

  /** Any schema. @param refs references that were followed on the way here */
  write(schema: unknown, refs: readonly string[], depth: number): GeminiSchema {
    if (!isJsonObject(schema)) return anyValue();
    const resolved = resolve(schema, this.#root, refs);
    if (resolved.open !== undefined) return this.#again(resolved, resolved.open);
    if (++this.#nodes > most.nodes || depth > most.depth) return this.#cut(resolved.schema);
    return this.#plain(resolved.schema, resolved.refs, depth);
  }

  /** An object, as the parameters of a function are. */
  object(schema: JsonObject, refs: readonly string[], depth: number): GeminiSchema {
    const out: GeminiSchema = { type: "object" };
    const properties = isJsonObject(schema["properties"]) ? schema["properties"] : undefined;
    if (properties !== undefined) {
      const written = Object.entries(properties).map(
        ([name, value]) => [name, this.write(value, refs, depth + 1)] as const,
      );
      out.properties = Object.fromEntries(written);
      const required = Array.isArray(schema["required"])
        ? schema["required"].filter(
            (name): name is string => typeof name === "string" && Object.hasOwn(properties, name),
          )
        : [];
      if (required.length > 0) out.required = required;
    }
    const choice = alternativesOf(schema);
    const more: JsonObject = {};
    if (choice !== undefined) more["anyOf"] = choice;
    if (
      isJsonObject(schema["additionalProperties"]) &&
      Object.keys(schema["additionalProperties"]).length > 0
    )
      more["additionalProperties"] = schema["additionalProperties"];
    return this.#described(out, schema, more);
  }

  /** Where a definition leads back to itself, or to nowhere. One that may be more than an object must not be held to being one. */
  #again({ schema }: Resolved, ref: string): GeminiSchema {
    const description = typeof schema["description"] === "string" ? `${schema["description"]}\n` : "";
    const target = targetOf(this.#root, ref);
    const choice = isJsonObject(target) && alternativesOf(target) !== undefined;
    const isList = isJsonObject(target) && target["type"] === "array";
    const out = isList ? { type: "array", items: anyScalar() } : choice ? anyValue() : { type: "object" };
    return withDescription(out, `${description}Of the same form as ${nameOfRef(ref)}.`);
  }

  #cut(schema: JsonObject): GeminiSchema {
    const type = typeof schema["type"] === "string" ? schema["type"] : "object";
    const out: GeminiSchema = type === "array" ? { type, items: anyScalar() } : { type };
    return this.#described(out, schema, {});
  }

  #plain(schema: JsonObject, refs: readonly string[], depth: number): GeminiSchema {
    const types = Array.isArray(schema["type"]) ? (schema["type"] as unknown[]) : undefined;
    if (types !== undefined) {
      const named = types.filter((type) => type !== "null");
      const nullable = named.length < types.length;
      const { type: _, ...rest } = schema;
      const one = { ...rest, ...(nullable && { nullable: true }) };
      if (named.length === 1) return this.#plain({ ...one, type: named[0] }, refs, depth);
      return this.#choice(
        one,
        named.map((type) => ({ type })),
        refs,
        depth,
      );
    }
    const choice = alternativesOf(schema);
    const isObject = isJsonObject(schema["properties"]) || schema["type"] === "object";
    if (choice !== undefined && !(isObject && isJsonObject(schema["properties"]))) {
      const { anyOf, oneOf, ...base } = schema;
      const rest = anyOf === choice && oneOf !== undefined ? { ...base, [alsoKeyword]: { oneOf } } : base;
      return this.#choice(rest, choice, refs, depth);
    }
    if (isObject) return withNullable(this.object(schema, refs, depth), schema);
    if (schema["type"] === "array" || "items" in schema || "prefixItems" in schema)
      return withNullable(this.#array(schema, refs, depth), schema);
    return withNullable(this.#scalar(schema), schema);
  }

  /** Alternatives. Beside them Google takes no other keyword, so what is common goes into each. */
  #choice(
    base: JsonObject,
    members: readonly unknown[],
    refs: readonly string[],
    depth: number,
  ): GeminiSchema {
    const { description, title: _, nullable, default: preset, ...common } = base;
    const named = members.filter((member) => !isNull(member));
    const isNullable = nullable === true || named.length < members.length;
    const about = [
      typeof description === "string" ? description : "",
      preset === undefined ? "" : `Default: ${JSON.stringify(preset)}`,
    ]
      .filter((line) => line !== "")
      .join("\n");
    const written = named.flatMap((member) => {
      const out = this.write(isJsonObject(member) ? both(member, common) : common, refs, depth + 1);
      return out.anyOf ?? [out];
    });
    const one = written.length === 1 ? written[0]! : asOneEnum(written);
    if (written.length === 0) return withDescription(withNullable(anyScalar(), { nullable: true }), about);
    if (one !== undefined) return withNullable(withDescription(one, about), { nullable: isNullable });
    return {
      anyOf: written.map((member) => withNullable(withDescription(member, about), { nullable: isNullable })),
    };
  }

  #array(schema: JsonObject, refs: readonly string[], depth: number): GeminiSchema {
    const { items } = schema;
    const tuple = Array.isArray(items) ? (items as unknown[]) : schema["prefixItems"];
    const out: GeminiSchema = { type: "array", items: anyScalar() };
    if (Array.isArray(tuple) && tuple.length > 0) {
      const kinds = [...new Map(tuple.map((item) => [JSON.stringify(item), item as unknown])).values()];
      out.items = this.#choice({}, kinds, refs, depth + 1);
    } else if (isJsonObject(items)) out.items = this.write(items, refs, depth + 1);
    for (const limit of ["minItems", "maxItems"] as const)
      if (typeof schema[limit] === "number") out[limit] = schema[limit];
    return this.#described(out, schema, Array.isArray(items) ? { prefixItems: items } : {});
  }

  #scalar(schema: JsonObject): GeminiSchema {
    const values = "const" in schema ? [schema["const"]] : schema["enum"];
    const list = Array.isArray(values) ? (values as unknown[]) : undefined;
    const type = typeof schema["type"] === "string" ? schema["type"] : typeOfValues(list);
    if (type === undefined && list === undefined) return this.#described(anyValue(), schema, {});
    const out: GeminiSchema = { type: type ?? "string" };
    const more: JsonObject = {};
    if (list !== undefined) {
      // Google's values are strings that are not empty. All others would be taken for strings, which the tool does not expect.
      const texts = list.filter((value): value is string => typeof value === "string" && value !== "");
      const rest = list.filter((value) => value !== null && !texts.includes(value as string));
      if (out.type === "string" && texts.length > 0 && rest.length === 0) out.enum = texts;
      else more["enum"] = list;
      if (list.includes(null)) out.nullable = true;
    }
    const format = schema["format"];
    if (typeof format === "string") {
      if (keptFormats[out.type ?? ""]?.includes(format) === true) out.format = format;
      else more["format"] = format;
    }
    for (const limit of limits[out.type ?? ""] ?? [])
      if (typeof schema[limit] === "number") out[limit] = schema[limit];
    return this.#described(out, schema, more);
  }

  /** With the description, and in it what has no keyword of its own. */
  #described(out: GeminiSchema, schema: JsonObject, more: JsonObject): GeminiSchema {
    const rest: JsonObject = { ...more };
    for (const keyword of told) if (schema[keyword] !== undefined) rest[keyword] = schema[keyword];
    if (isJsonObject(schema[alsoKeyword])) rest["allOf"] = [schema[alsoKeyword]];
    const about = typeof schema["description"] === "string" ? schema["description"] : schema["title"];
    const lines = typeof about === "string" && about !== "" ? [about] : [];
    if (Object.keys(rest).length > 0) lines.push(`JSON Schema: ${JSON.stringify(rest)}`);
    return withDescription(out, lines.join("\n"));
  }
}

const typeOfValues = (values: readonly unknown[] | undefined): string | undefined => {
  const kinds = new Set((values ?? []).filter((value) => value !== null).map((value) => typeof value));
  if (kinds.size !== 1) return undefined;
  const [kind] = kinds;
  return kind === "string" || kind === "number" || kind === "boolean" ? kind : undefined;
};

/** Alternatives of nothing but texts are one list of texts. */
const asOneEnum = (members: readonly GeminiSchema[]): GeminiSchema | undefined => {
  const texts: string[] = [];
  for (const member of members) {
    if (member.type !== "string" || member.enum === undefined || Object.keys(member).length > 2)
      return undefined;
    texts.push(...member.enum);
  }
  return texts.length === 0 ? undefined : { type: "string", enum: [...new Set(texts)] };
};
