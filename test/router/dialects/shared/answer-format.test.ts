/** An answer in JSON where the provider knows no field for it, or not the client's: OpenRouter and others answer 400, or ignore it in silence. */
import { describe, expect, test } from "vitest";
import type { Quirks } from "../../../../src/config/types.ts";
import type { MessagesRequest } from "../../../../src/protocol/anthropic.ts";
import type { HttpDialect } from "../../../../src/router/dialects/dialect.ts";
import { decodeChatRequest } from "../../../../src/router/inbound/openai-chat/decode.ts";
import { decodeResponsesRequest } from "../../../../src/router/inbound/openai-responses/decode.ts";
import { closeAfterEach } from "../../../support/open.ts";
import { always, chat, entry, provider, router } from "../../../support/openai-router.ts";
import { at } from "../../../support/case-operators.ts";
import { dialectContext } from "../../../support/dialect-context.ts";
import { dialects } from "../../../support/dialects.ts";
import { strict } from "../../../support/strict/index.ts";

closeAfterEach();

const schema = {
  type: "object",
  properties: { city: { type: "string" }, note: { type: "string" } },
  required: ["city"],
};
const all = { ...schema, required: ["city", "note"], additionalProperties: false };

const asked = (fields: object): MessagesRequest => ({
  model: "m",
  max_tokens: 100,
  system: "Be brief.",
  messages: [{ role: "user", content: "Where?" }],
  ...fields,
});
const ofSchema = (of: object): MessagesRequest =>
  asked({ output_config: { effort: "low", format: { type: "json_schema", schema: of } } });
const anyJson = asked({ output_config: { format: { type: "json_object" } } });

type Name = "anthropic" | "openai-chat" | "openai-responses" | "gemini";
const sent = (
  name: Name,
  request: MessagesRequest,
  quirks: Quirks = {},
  model = "gpt-5.5",
): Record<string, unknown> => {
  const dialect = dialects[name] as HttpDialect;
  const context = dialectContext({ dialect: name, model, quirks, stream: false });
  const body = JSON.parse(String(dialect.encode(request, context).body)) as Record<string, unknown>;
  const rules = { issued: new Set<string>(), model };
  expect(strict[name]?.(body, rules)).toEqual([]);
  return body;
};

/** Where each has the format, and its system prompt. */
const places: Record<Name, { format: string; system: string }> = {
  anthropic: { format: "/output_config/format", system: "/system" },
  "openai-chat": { format: "/response_format", system: "/messages/0" },
  "openai-responses": { format: "/text/format", system: "/instructions" },
  gemini: { format: "/generationConfig/responseMimeType", system: "/systemInstruction" },
};
const names = Object.keys(places) as Name[];

describe.each(names)("%s", (name) => {
  const { format, system } = places[name];
  const words = (body: unknown): string => JSON.stringify(at(body, system));

  test("is asked by its own field for JSON of a schema", () => {
    const body = sent(name, ofSchema(all));
    expect(at(body, format)).toBeDefined();
    expect(words(body)).not.toContain("JSON");
  });

  test("with the quirk prompt is asked in words, behind its system prompt, and by no field", () => {
    const body = sent(name, ofSchema(schema), { structuredOutput: "prompt" });
    expect(at(body, format)).toBeUndefined();
    expect(words(body)).toMatch(/Be brief.*JSON Schema/s);
    expect(words(body)).toContain("city");
  });

  test("is asked for any JSON object as it takes it", () => {
    const body = sent(name, anyJson);
    if (name === "anthropic") {
      expect([at(body, format), body["output_config"]]).toEqual([undefined, undefined]);
      expect(words(body)).toMatch(/Be brief.*one JSON object/s);
    } else {
      expect(JSON.stringify(at(body, format))).toContain("json");
      expect(words(body)).not.toContain("JSON");
    }
  });
});

test('a provider that takes any JSON only has the schema in the prompt ("This response_format type is unavailable now")', () => {
  const body = sent("openai-chat", ofSchema(schema), { structuredOutput: "json_object" });
  expect(body["response_format"]).toEqual({ type: "json_object" });
  expect(JSON.stringify(at(body, "/messages/0"))).toContain("city");
});

test("OpenAI is held to the letter only by a schema that it takes so", () => {
  for (const name of ["openai-chat", "openai-responses"] as const) {
    const place = name === "openai-chat" ? "/response_format/json_schema" : "/text/format";
    expect(at(sent(name, ofSchema(all)), place)).toMatchObject({ strict: true, schema: all });
    expect(at(sent(name, ofSchema(schema)), place)).toMatchObject({ strict: false, schema });
  }
});

test("Gemini before 3, which takes no form of the answer beside functions, is asked in words", () => {
  const tools = [{ name: "f", input_schema: { type: "object", properties: {} } }];
  const request = { ...ofSchema(all), tools };
  const older = sent("gemini", request, {}, "gemini-2.5-pro");
  expect(at(older, "/generationConfig/responseMimeType")).toBeUndefined();
  expect(JSON.stringify(older["systemInstruction"])).toContain("JSON Schema");
  const third = sent("gemini", request, {}, "gemini-3-pro");
  expect(at(third, "/generationConfig/responseSchema")).toBeDefined();
});

test("clients of OpenAI's ask for any JSON object in both of their forms", () => {
  const format = { type: "json_object" };
  const said = [{ role: "user", content: "x" }];
  const forms = [
    decodeChatRequest({ model: "m", messages: said, response_format: format }, 0),
    decodeResponsesRequest({ model: "m", input: said, text: { format } }, 0),
  ];
  for (const { request, beyond } of forms)
    expect([request.output_config?.format, beyond.unsupported.size]).toEqual([format, 0]);
});

test("a client whose bytes pass is asked for in words where its provider does not know the field, and its bytes pass otherwise", async () => {
  const up = await provider(always({ text: '{"city":"Ulm"}' }));
  const quirks = ", quirks: { structuredOutput: json_object }";
  const r = await router("providers:", entry.chat("up", up.url, quirks), 'routes: { default: "up,m" }');
  const named = { type: "json_schema", json_schema: { name: "x", schema } };
  await chat(r, { response_format: named, seed: 1 });
  await chat(r, { response_format: { type: "json_object" }, seed: 1.0 });
  const [first, second] = up.requests.map((request) => request.body);
  expect(first).toMatchObject({ response_format: { type: "json_object" }, seed: 1 });
  expect(JSON.stringify(first?.messages)).toContain("JSON Schema");
  expect(second?.messages).toEqual([{ role: "user", content: "say hi" }]);
});
