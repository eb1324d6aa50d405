/** Tools whose schemas OpenAI refuses as they are, in both of its forms. */
import { describe, expect, test } from "vitest";
import { strictSchema } from "../../../../src/router/dialects/shared/strict-schema.ts";
import { sent as sentChat } from "../../../support/chat-sse.ts";
import { sent as sentResponses } from "../../../support/responses-sse.ts";
import { strictChat } from "../../../support/strict/openai-chat.ts";
import { strictResponses } from "../../../support/strict/openai-responses.ts";

type Schema = Record<string, unknown>;

/** What OpenAI would say of a tool with this schema, and the schema as it is sent, the same in both forms. */
const judged = (input_schema: Schema, quirks = {}): { problems: string[]; parameters: Schema } => {
  const tools = [{ name: "f", input_schema }];
  const chat = sentChat({ tools }, { quirks });
  const responses = sentResponses({ tools });
  const parameters = chat.tools![0]!.function.parameters;
  if (!("strict" in chat.tools![0]!.function)) expect(responses.tools![0]).toMatchObject({ parameters });
  const options = { issued: new Set<string>() };
  return { problems: [...strictChat(chat, options), ...strictResponses(responses, options)], parameters };
};

describe("a tool is not refused", () => {
  test('for a list that does not say what is in it ("array schema missing items")', () => {
    const { problems, parameters } = judged({
      type: "object",
      properties: {
        plain: { type: "array", description: "Paths" },
        either: { type: ["string", "array"] },
        inside: { anyOf: [{ type: "object", properties: { deep: { type: "array" } } }] },
        pair: { type: "array", prefixItems: [{ type: "string" }, { type: "array" }] },
        told: { type: "array", items: { type: "string" } },
      },
    });
    expect(problems).toEqual([]);
    expect(parameters["properties"]).toMatchObject({
      plain: { type: "array", description: "Paths", items: {} },
      told: { items: { type: "string" } },
    });
  });

  test("for a list of fixed places in the form of older versions of JSON Schema", () => {
    const places = [{ type: "string" }, { type: "number" }];
    const { problems, parameters } = judged({
      type: "object",
      properties: {
        open: { type: "array", items: places },
        closed: { type: "array", items: places, additionalItems: false },
      },
    });
    expect(problems).toEqual([]);
    expect(parameters["properties"]).toEqual({
      open: { type: "array", prefixItems: places, items: {} },
      closed: { type: "array", maxItems: 2, prefixItems: places, items: {} },
    });
  });

  test("for a choice at the root: every alternative can still be given, and what each needs is told", () => {
    const { problems, parameters } = judged({
      type: "object",
      description: "A place",
      properties: { note: { type: "string" } },
      anyOf: [
        { properties: { kind: { const: "city" }, name: { type: "string" } }, required: ["kind", "name"] },
        { $ref: "#/$defs/Point" },
      ],
      $defs: {
        Point: {
          type: "object",
          properties: { kind: { const: "point" }, at: { type: "array" } },
          required: ["kind", "at"],
        },
      },
    });
    expect(problems).toEqual([]);
    expect(parameters["required"]).toEqual(["kind"]);
    expect(parameters["properties"]).toMatchObject({
      note: { type: "string" },
      kind: { anyOf: [{ const: "city" }, { const: "point" }] },
      name: { type: "string" },
      at: { type: "array" },
    });
    expect(parameters["description"]).toBe(
      'A place\nJSON Schema: {"anyOf":[{"required":["kind","name"]},{"required":["kind","at"]}]}',
    );
  });

  test.each<[string, Schema]>([
    ["not", { type: "object", properties: { a: {} }, not: { required: ["a"] } }],
    ["allOf", { allOf: [{ properties: { a: { type: "string" } }, required: ["a"] }, { properties: {} }] }],
    ["a reference", { $ref: "#/$defs/A", $defs: { A: { anyOf: [{ properties: { a: {} } }] } } }],
  ])("for %s at the root", (_, schema) => {
    const { problems, parameters } = judged(schema);
    expect(problems).toEqual([]);
    expect(Object.keys(parameters["properties"] as Schema)).toEqual(["a"]);
  });

  test("with strictTools, which would leave no argument of a choice at the root", () => {
    const schema = { anyOf: [{ properties: { a: { type: "string" } }, required: ["a"] }] };
    const { problems, parameters } = judged(schema, { strictTools: true });
    expect(problems).toEqual([]);
    expect(parameters["properties"]).toEqual({ a: { type: "string" } });
  });
});

test.each([
  { type: "string", minLength: 2 },
  { type: "string", maxLength: 2 },
  { type: "string", format: "uri" },
  { type: "array", items: { type: "string" }, uniqueItems: true },
])("OpenAI is not held to the letter by %j, which it refuses then", (a) => {
  const schema = { type: "object", properties: { a }, required: ["a"], additionalProperties: false };
  expect(strictSchema(schema)).toBeUndefined();
  expect(strictSchema({ ...schema, properties: { a: { type: "string", format: "date" } } })).toBeDefined();
});
