import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { GeminiSchema } from "../../../../src/protocol/gemini.ts";
import { answerSchema, parametersOf } from "../../../../src/router/dialects/gemini/encode/schema.ts";

const property = (schema: unknown, more: object = {}): GeminiSchema | undefined =>
  parametersOf({ type: "object", properties: { p: schema }, ...more })?.properties?.["p"];

describe("what Google's form has no keyword for", () => {
  test("is told in the description", () => {
    expect(property({ type: "string", format: "uri", pattern: "^https:", description: "Where." })).toEqual({
      type: "string",
      description: 'Where.\nJSON Schema: {"format":"uri","pattern":"^https:"}',
    });
    expect(property({ type: "integer", exclusiveMinimum: 0, maximum: 9, default: 3 })).toEqual({
      type: "integer",
      maximum: 9,
      description: 'JSON Schema: {"default":3,"exclusiveMinimum":0}',
    });
    expect(property({ type: "object", additionalProperties: { type: "number" } })).toEqual({
      type: "object",
      description: 'JSON Schema: {"additionalProperties":{"type":"number"}}',
    });
  });

  test("const is a list of one, and null beside other values makes them nullable", () => {
    expect(property({ const: "on" })).toEqual({ type: "string", enum: ["on"] });
    expect(property({ enum: ["a", null] })).toEqual({ type: "string", enum: ["a"], nullable: true });
    expect(property({ enum: ["", "a"] })).toEqual({
      type: "string",
      description: 'JSON Schema: {"enum":["","a"]}',
    });
  });
});

describe("alternatives", () => {
  test("of texts are one list", () => {
    expect(property({ anyOf: [{ const: "a" }, { const: "b" }, { type: "null" }], description: "D" })).toEqual(
      {
        type: "string",
        enum: ["a", "b"],
        nullable: true,
        description: "D",
      },
    );
  });

  test("stand alone: Google takes nothing beside them, so what is common goes into each", () => {
    expect(
      property({
        description: "D",
        oneOf: [{ type: "string" }, { type: "array", items: { type: "integer" } }],
      }),
    ).toEqual({
      anyOf: [
        { type: "string", description: "D" },
        { type: "array", items: { type: "integer" }, description: "D" },
      ],
    });
  });

  test("of whole parameters become one object that holds what any of them has", () => {
    const schema = {
      oneOf: [
        {
          type: "object",
          properties: { kind: { const: "a" }, x: { type: "string" } },
          required: ["kind", "x"],
        },
        { type: "object", properties: { kind: { const: "b" } }, required: ["kind"] },
      ],
    };
    expect(parametersOf(schema)).toMatchObject({
      type: "object",
      properties: { kind: { type: "string", enum: ["a", "b"] }, x: { type: "string" } },
      required: ["kind"],
    });
  });
});

describe("references", () => {
  test("a definition that holds itself is written out once, then named", () => {
    const schema = {
      $ref: "#/definitions/Tree",
      definitions: {
        Tree: {
          type: "object",
          properties: {
            value: { type: "string" },
            children: { type: "array", items: { $ref: "#/definitions/Tree" } },
          },
          required: ["value", "gone"],
        },
      },
    };
    expect(parametersOf(schema)).toEqual({
      type: "object",
      properties: {
        value: { type: "string" },
        children: { type: "array", items: { type: "object", description: "Of the same form as Tree." } },
      },
      required: ["value"],
    });
  });

  test("a value that may hold values of its kind is not made an object where it leads back to itself", () => {
    const Value = {
      anyOf: [{ type: "string" }, { type: "array", items: { $ref: "#/$defs/Value" } }],
    };
    const Rows = { type: "array", items: { $ref: "#/$defs/Rows" } };
    const value = property({ $ref: "#/$defs/Value" }, { $defs: { Value } });
    const rows = property({ $ref: "#/$defs/Rows" }, { $defs: { Rows } });
    const kinds = value?.anyOf?.[1]?.items?.anyOf?.map(({ type }) => type);
    expect(kinds).toEqual(["string", "number", "boolean", "object", "array"]);
    expect(JSON.stringify(value)).toContain("Of the same form as Value.");
    expect(rows?.items).toMatchObject({ type: "array", description: "Of the same form as Rows." });
  });

  test("that fan out without end are cut in time", () => {
    const $defs: Record<string, unknown> = { n0: { type: "string" } };
    for (let i = 1; i <= 40; i++)
      $defs[`n${i}`] = {
        type: "object",
        properties: { a: { $ref: `#/$defs/n${i - 1}` }, b: { $ref: `#/$defs/n${i - 1}` } },
      };
    const text = JSON.stringify(property({ $ref: "#/$defs/n40" }, { $defs }));
    expect(text.length).toBeLessThan(2_000_000);
    expect(text).not.toContain("$ref");
  });

  test("to another document, and allOf, keep what is known", () => {
    expect(property({ $ref: "https://example.com/x.json", description: "D" })).toMatchObject({
      type: "object",
    });
    expect(
      property({
        allOf: [
          { type: "object", properties: { a: { type: "string" } }, required: ["a"] },
          { properties: { a: { description: "A" }, b: { type: "boolean" } }, required: ["b"] },
        ],
      }),
    ).toEqual({
      type: "object",
      properties: { a: { type: "string", description: "A" }, b: { type: "boolean" } },
      required: ["a", "b"],
    });
  });
});

const keywords = new Set([
  "type",
  "format",
  "description",
  "nullable",
  "enum",
  "properties",
  "required",
  "items",
  "anyOf",
  "minItems",
  "maxItems",
  "minLength",
  "maxLength",
  "minimum",
  "maximum",
]);

/** What Google would answer 400 to in a schema. */
const problemsOf = (schema: GeminiSchema, path = "$"): string[] => {
  const out: string[] = [];
  const names = Object.keys(schema);
  for (const name of names) if (!keywords.has(name)) out.push(`${path}: unknown ${name}`);
  if (schema.anyOf === undefined) {
    if (typeof schema.type !== "string") out.push(`${path}: no type`);
  } else {
    if (names.length > 1) out.push(`${path}: ${names.join()} beside anyOf`);
    if (schema.anyOf.length < 2) out.push(`${path}: one alternative`);
    schema.anyOf.forEach((one, i) => out.push(...problemsOf(one, `${path}|${i}`)));
  }
  if (schema.type === "array" && schema.items === undefined) out.push(`${path}: no items`);
  if (schema.enum?.some((value) => typeof value !== "string" || value === "") === true)
    out.push(`${path}: enum`);
  for (const name of schema.required ?? [])
    if (!Object.hasOwn(schema.properties ?? {}, name)) out.push(`${path}: ${name} is required and not there`);
  if (schema.items !== undefined) out.push(...problemsOf(schema.items, `${path}[]`));
  for (const [name, inner] of Object.entries(schema.properties ?? {}))
    out.push(...problemsOf(inner, `${path}.${name}`));
  return out;
};

const anySchema = fc.letrec((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>(
      true,
      {},
      { type: "string" },
      { $ref: "#" },
      { $ref: "#/$defs/A" },
      { $ref: "#/$defs/B" },
    ),
    fc.record(
      {
        type: fc.constantFrom<unknown>(
          "string",
          "integer",
          "array",
          "object",
          "null",
          ["string", "null"],
          ["object", "array"],
          [],
        ),
        properties: fc.dictionary(fc.constantFrom("a", "b", "c"), tie("schema"), { maxKeys: 2 }),
        required: fc.subarray(["a", "b", "c"]),
        items: fc.oneof(tie("schema"), fc.array(tie("schema"), { maxLength: 2 })),
        anyOf: fc.array(tie("schema"), { maxLength: 3 }),
        oneOf: fc.array(tie("schema"), { maxLength: 2 }),
        allOf: fc.array(tie("schema"), { maxLength: 2 }),
        enum: fc.array(fc.constantFrom("x", "", 1, null, true), { maxLength: 3 }),
        const: fc.constantFrom<unknown>("y", 2, null, { z: 1 }),
        description: fc.constant("D"),
        format: fc.constantFrom("uri", "date-time", "int32"),
        additionalProperties: fc.oneof(fc.boolean(), tie("schema")),
        nullable: fc.boolean(),
        minLength: fc.nat(),
        $comment: fc.string(),
      },
      { requiredKeys: [] },
    ),
  ),
}));

test("any schema becomes one that Google takes, in time", () => {
  fc.assert(
    fc.property(anySchema.schema, anySchema.schema, anySchema.schema, (schema, A, B) => {
      const root = { ...(typeof schema === "object" ? schema : {}), $defs: { A, B } };
      expect(problemsOf(answerSchema(root))).toEqual([]);
      const parameters = parametersOf(root);
      if (parameters === undefined) return;
      expect(parameters.type).toBe("object");
      expect(problemsOf(parameters)).toEqual([]);
    }),
    { numRuns: 1500 },
  );
});
