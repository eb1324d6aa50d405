/** References and conjunctions of a JSON Schema, written out: Google's form has neither. */
import { isJsonObject, type JsonObject } from "../../../../shared/json.ts";
import { decoded, targetOf } from "../../shared/schema-refs.ts";

/** A schema without `$ref` and `allOf` at its top. */
export interface Resolved {
  schema: JsonObject;
  /** References that were followed to get here: one of these again is a recursion. */
  refs: readonly string[];
  /** The reference that leads back to where it stands, or to nowhere. */
  open?: string;
}

/** The last word of a reference: the name of what it points at. */
export const nameOfRef = (ref: string): string =>
  decoded(ref.split("/").at(-1) ?? "").replace(/^#$/, "whole");

/** Follows references and merges `allOf`. What stands beside a reference goes before what it points at. */
export const resolve = (schema: JsonObject, root: JsonObject, refs: readonly string[]): Resolved => {
  let at: Resolved = { schema, refs };
  for (;;) {
    const { $ref: ref, allOf, ...rest } = at.schema;
    if (typeof ref === "string") {
      const target = targetOf(root, ref);
      if (at.refs.includes(ref) || !isJsonObject(target)) return { schema: rest, refs: at.refs, open: ref };
      const own = allOf === undefined ? rest : { ...rest, allOf };
      at = { schema: { ...target, ...own }, refs: [...at.refs, ref] };
    } else if (Array.isArray(allOf)) at = merged(rest, allOf, root, at.refs);
    else return { ...at, schema: allOf === undefined ? at.schema : rest };
  }
};

const merged = (base: JsonObject, all: unknown[], root: JsonObject, refs: readonly string[]): Resolved => {
  let out = base;
  let open: string | undefined;
  const followed = new Set(refs);
  for (const one of all) {
    if (!isJsonObject(one)) continue;
    const part = resolve(one, root, refs);
    for (const ref of part.refs) followed.add(ref);
    open ??= part.open;
    out = both(out, part.schema);
  }
  return open === undefined
    ? { schema: out, refs: [...followed] }
    : { schema: out, refs: [...followed], open };
};

/** What must hold of both. Where they say different things of one keyword, the first counts and the second becomes a condition in words. */
export const both = (one: JsonObject, other: JsonObject): JsonObject => {
  const out: JsonObject = { ...one };
  const left: JsonObject = {};
  for (const [keyword, value] of Object.entries(other)) {
    const before = out[keyword];
    if (before === undefined) out[keyword] = value;
    else if (keyword === "properties" && isJsonObject(before) && isJsonObject(value))
      out[keyword] = bothProperties(before, value);
    else if (keyword === "required" && Array.isArray(before) && Array.isArray(value))
      out[keyword] = [...new Set([...(before as unknown[]), ...(value as unknown[])])];
    else if (keyword === "description" && typeof before === "string" && typeof value === "string")
      out[keyword] = `${before}\n${value}`;
    else if (keyword !== "title" && JSON.stringify(before) !== JSON.stringify(value)) left[keyword] = value;
  }
  if (Object.keys(left).length > 0) out[alsoKeyword] = left;
  return out;
};

/** Stands for conditions that have no place of their own; no keyword of JSON Schema. */
export const alsoKeyword = " also";

const bothProperties = (one: JsonObject, other: JsonObject): JsonObject => {
  const out: JsonObject = { ...one };
  for (const [name, value] of Object.entries(other))
    out[name] = Object.hasOwn(one, name) ? { allOf: [one[name], value] } : value;
  return out;
};
