/** What lasts from turn to turn changes nothing: a provider gets the bytes that it would get if each turn were the first. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ContentBlock, Message, MessagesRequest } from "../../src/protocol/anthropic.ts";
import { validateMessagesRequest } from "../../src/router/endpoints/validate.ts";
import { decodeChatRequest } from "../../src/router/inbound/openai-chat/decode.ts";
import { decodeResponsesRequest } from "../../src/router/inbound/openai-responses/decode.ts";
import { isJsonObject, type JsonObject } from "../../src/shared/json.ts";
import { withFolder } from "../support/data-folders.ts";
import { recordingsIn, hasFile, jsonOfFile } from "../support/recordings.ts";
import { differences, sessionReader, turnsOf } from "../support/session-turns.ts";
import { contextOf, httpDialect, targets, type Target } from "../support/targets.ts";

/** Each with what makes encoders change a message after it was made. */
const odd: readonly Target[] = [
  {
    name: "OpenRouter",
    dialect: "openai-chat",
    model: "a/b",
    quirks: { cacheControl: true, sendReasoning: "reasoning_details", toolResultImagesInUserMessage: true },
  },
  {
    name: "Mistral",
    dialect: "openai-chat",
    model: "m",
    quirks: { prefix: "prefix", assistantAfterTools: true, toolIdLength: 9, noSystem: true },
  },
  {
    name: "Kimi",
    dialect: "openai-chat",
    model: "k",
    quirks: {
      prefix: "partial",
      sendReasoning: "reasoning_content",
      inlineSystemMessages: true,
      noImages: true,
    },
  },
  {
    name: "Responses with phases",
    dialect: "openai-responses",
    model: "r",
    quirks: { messagePhase: true, inlineSystemMessages: true, toolResultImagesInUserMessage: true },
  },
  {
    name: "thinking history",
    dialect: "anthropic",
    model: "deepseek",
    quirks: { thinkingHistory: true, noImages: true, dropInnerFields: ["cache_control"] },
  },
];
const contexts = [...targets, ...odd].map((target) => ({ target, context: contextOf(target, "target") }));

const text = fc.string({ unit: "grapheme", maxLength: 12 });
const cached = fc.option(fc.constant({ type: "ephemeral" as const }), { nil: undefined });
const image = fc.constant<ContentBlock>({
  type: "image",
  source: { type: "base64", media_type: "image/png", data: "aGk=" },
});
const textBlock = fc.record({ type: fc.constant("text" as const), text, cache_control: cached });
const id = fc.constantFrom("toolu_1", "toolu_2", "a.b", "toolu_1");
const assistant = fc.array(
  fc.oneof(
    textBlock,
    fc.record({ type: fc.constant("thinking" as const), thinking: text, signature: text }),
    fc.record({
      type: fc.constant("tool_use" as const),
      id,
      name: fc.constantFrom("Read", "mcp__x", "a name that is not one"),
      input: fc.dictionary(text, fc.jsonValue({ maxDepth: 1 }), { maxKeys: 2 }),
    }),
  ),
  { maxLength: 3 },
);
const user = fc.array(
  fc.oneof(
    textBlock,
    image,
    fc.record({
      type: fc.constant("tool_result" as const),
      tool_use_id: id,
      content: fc.oneof(text, fc.array(fc.oneof(textBlock, image), { maxLength: 2 })),
      is_error: fc.boolean(),
    }),
  ),
  { maxLength: 3 },
);
const message = fc.oneof(
  fc.record({ role: fc.constant("assistant"), content: fc.oneof(text, assistant) }),
  fc.record({ role: fc.constant("user"), content: fc.oneof(text, user) }),
  fc.record({ role: fc.constant("system"), content: fc.oneof(text, fc.array(textBlock, { maxLength: 2 })) }),
) as fc.Arbitrary<Message>;
const conversation = fc.record({
  model: fc.constant("claude-sonnet-4-5"),
  max_tokens: fc.constant(100),
  system: fc.oneof(text, fc.array(textBlock, { maxLength: 3 })),
  messages: fc.array(message, { minLength: 1, maxLength: 9 }),
  tools: fc.constant([
    { name: "Read", description: "reads", input_schema: { type: "object", properties: {} } },
    { name: "mcp__x", input_schema: { anyOf: [{ type: "object" }] }, defer_loading: true },
  ]),
}) as fc.Arbitrary<MessagesRequest>;

describe("a session's turns", () => {
  test("of any kind are encoded as if each were the first", async () => {
    await fc.assert(
      fc.asyncProperty(conversation, async (request) => {
        expect(await differences(request, contexts)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test("are encoded for another model, and for other figures of the same one, as these want it", () => {
    const read = sessionReader();
    const image = { type: "base64" as const, media_type: "image/png", data: "aGk=" };
    const request: MessagesRequest = {
      model: "m",
      max_tokens: 1,
      messages: [
        { role: "user", content: [{ type: "image", source: image }] },
        { role: "assistant", content: [{ type: "tool_use", id: "a.b", name: "x", input: {} }] },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "a.b", content: "done" }] },
        { role: "user", content: "on" },
      ],
    };
    const [kept] = turnsOf(request).slice(-2).map(read).toReversed();
    for (const { target } of contexts)
      for (const images of [true, false, true])
        for (const model of [target.model, "other"]) {
          const context = { ...contextOf(target, "target"), model, info: { images } };
          const dialect = httpDialect(target.dialect);
          const sent = String(dialect.encode(kept!, context).body);
          expect(sent).toBe(String(dialect.encode(structuredClone(kept!), context).body));
        }
  });
});

const decoders: Readonly<Record<string, (body: JsonObject) => MessagesRequest>> = {
  anthropic: (body) => validateMessagesRequest({ model: "m", max_tokens: 9, ...body }),
  openai_chat: (body) => decodeChatRequest({ model: "m", ...body }, 0).request,
  openai_responses: (body) => decodeResponsesRequest({ model: "m", ...body }, 0).request,
};

withFolder("RECORDINGS", "sessions of real clients, turn by turn", (root) => {
  const all = recordingsIn(root).filter(
    (recording) => recording.format in decoders && hasFile(recording, "request.json"),
  );
  test.each(all.map((recording) => [recording.id, recording] as const))("%s", async (_, recording) => {
    const body = jsonOfFile(recording, "request.json") as JsonObject;
    expect(await differences(decoders[recording.format]!(body), contexts)).toEqual([]);
  });
});

withFolder("CASES", "requests of other gateways' tests, turn by turn", (root) => {
  test.each(["gemini", "openai_chat", "openai_responses"])("of anthropic to %s", async (form) => {
    const file = join(root, `anthropic_request__${form}_request.json`);
    const cases = JSON.parse(readFileSync(file, "utf8")) as { id: string; input: unknown }[];
    const wrong: string[] = [];
    let played = 0;
    for (const { id: name, input } of cases) {
      if (!isJsonObject(input) || !Array.isArray(input["messages"]) || input["messages"].length === 0)
        continue;
      played++;
      const request = { model: "m", max_tokens: 9, ...input } as unknown as MessagesRequest;
      wrong.push(...(await differences(request, contexts)).map((line) => `${name}: ${line}`));
    }
    expect(wrong).toEqual([]);
    expect(played).toBeGreaterThan(5);
  });
});
