/**
 * Generated conversations through each dialect: the provider takes the request, and reads in it what the client said. The judge and the reader of
 * each form share no code with the router.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Quirks } from "../../../src/config/types.ts";
import type { MessagesRequest } from "../../../src/protocol/anthropic.ts";
import type { HttpDialect } from "../../../src/router/dialects/dialect.ts";
import { decodeChatRequest } from "../../../src/router/inbound/openai-chat/decode.ts";
import { decodeResponsesRequest } from "../../../src/router/inbound/openai-responses/decode.ts";
import { dialectContext } from "../../support/dialect-context.ts";
import { dialects } from "../../support/dialects.ts";
import { missingWords, readRequest, type Said } from "../../support/readers.ts";
import { strict } from "../../support/strict/index.ts";
import type { StrictOptions } from "../../support/strict/judge.ts";
import { conversations, type Generated } from "./conversations.ts";

interface Target {
  dialect: "anthropic" | "openai-chat" | "openai-responses" | "gemini";
  model: string;
  quirks?: Quirks;
  rules?: Partial<StrictOptions>;
}

const targets: Record<string, Target> = {
  Anthropic: {
    dialect: "anthropic",
    model: "claude-sonnet-4-5",
    quirks: { rawStream: true },
    rules: { systemInside: true },
  },
  "a provider of Anthropic's form": {
    dialect: "anthropic",
    model: "glm-5",
    quirks: { inlineSystemMessages: true },
    rules: { lenientThinking: true, anyToolId: true },
  },
  "OpenAI Chat": { dialect: "openai-chat", model: "gpt-5.5", quirks: { toolIdLength: 40 } },
  "a provider of its form with ids of nine letters": {
    dialect: "openai-chat",
    model: "mistral-large",
    quirks: { toolIdLength: 9, toolIdAlphanumeric: true, assistantAfterTools: true, noSystem: true },
    rules: { toolIdLength: 9, rolesInOrder: true },
  },
  "OpenAI Responses": { dialect: "openai-responses", model: "gpt-5.5" },
  "Gemini 3": { dialect: "gemini", model: "gemini-3-pro-preview" },
  "Gemini 2.5": { dialect: "gemini", model: "gemini-2.5-flash" },
  "Gemini without ids": { dialect: "gemini", model: "gemini-2.5-flash", quirks: { noToolCallIds: true } },
};

const sentTo = (target: Target, request: MessagesRequest): Record<string, unknown> => {
  const { dialect: name, model, quirks = {} } = target;
  const context = { ...dialectContext({ dialect: name, model, quirks, stream: false }), request };
  const { body } = (dialects[name] as HttpDialect).encode(structuredClone(request), context);
  return JSON.parse(String(body)) as Record<string, unknown>;
};

/** Ids are the provider's; what they pair is compared. Results may stand in the order of the calls. */
const meaning = ({ calls, results, images, files }: Said): object => ({
  calls: calls.map(({ name, input }) => ({ name, input })),
  results: results.toSorted((a, b) => a.call - b.call),
  images,
  files,
});

const check = (said: Said, wanted: Said): void => {
  expect(meaning(said)).toEqual(meaning(wanted));
  expect(missingWords(said, wanted)).toEqual([]);
  // Nothing is said twice either.
  const marks = said.words.join("").match(/⟦\d+⟧/g) ?? [];
  expect(new Set(marks).size).toBe(marks.length);
  expect(new Set(said.calls.map((call) => call.id)).size).toBe(said.calls.length);
};

const meant = ({ request }: Generated): Said => readRequest("anthropic", request);

describe.each(Object.entries(targets))("%s", (_, target) => {
  test("takes every conversation and reads in it what was said: words, calls, results, images and files, each once and in order", () => {
    fc.assert(
      fc.property(conversations, (generated) => {
        const own = target.quirks?.rawStream === true;
        const body = sentTo(target, generated.request);
        const issued = own ? generated.issued : new Set<string>();
        const judged = strict[target.dialect]?.(body, { issued, model: target.model, ...target.rules });
        expect(judged).toEqual([]);
        const said = readRequest(target.dialect, body);
        check(said, meant(generated));
        expect(said.sealed).toEqual(own ? meant(generated).sealed : []);
        expect(JSON.stringify(body)).toContain("⟦system⟧");
      }),
      { numRuns: 150 },
    );
  });
});

const markOf = (words: string): string[] => words.match(/^⟦\d+⟧/) ?? [];

test("a request that lost a word, an image, a file or a result, or has two results exchanged, is told from one that did not", () => {
  const differs = (target: Target, wanted: Said, body: string): boolean => {
    try {
      check(readRequest(target.dialect, JSON.parse(body)), wanted);
      return false;
    } catch {
      return true;
    }
  };
  let spoilt = 0;
  for (const generated of fc.sample(conversations, { numRuns: 60, seed: 4 }))
    for (const target of Object.values(targets)) {
      const wanted = meant(generated);
      const body = JSON.stringify(sentTo(target, generated.request));
      expect(differs(target, wanted, body)).toBe(false);
      const marks = [...wanted.words, ...wanted.results.map((each) => each.text)].flatMap(markOf);
      const ways = [...marks, ...wanted.images, ...wanted.files];
      const [one, two] = wanted.results.flatMap((each) => markOf(each.text));
      for (const from of ways) {
        expect(differs(target, wanted, body.replace(from, "gone")), `${from} in ${body}`).toBe(true);
        spoilt++;
      }
      if (one === undefined || two === undefined) continue;
      const exchanged = body.replace(one, "⟦?⟧").replace(two, one).replace("⟦?⟧", two);
      expect(differs(target, wanted, exchanged), exchanged).toBe(true);
    }
  expect(spoilt).toBeGreaterThan(1000);
});

describe.each([
  ["Chat Completions", "OpenAI Chat", decodeChatRequest],
  ["Responses", "OpenAI Responses", decodeResponsesRequest],
] as const)("a client of %s", (_, name, decode) => {
  test("that sends what the dialect of its form writes is understood as the conversation that it was", () => {
    fc.assert(
      fc.property(conversations, (generated) => {
        const body = sentTo(targets[name]!, generated.request);
        const { request, beyond } = decode(body, 0);
        expect(beyond.unsupported.size).toBe(0);
        const rules = { issued: new Set<string>(), systemInside: true };
        expect(strict["anthropic"]?.({ max_tokens: 1, ...request }, rules)).toEqual([]);
        const said = readRequest("anthropic", request);
        // The mark in front of a failed call's words is all that these forms have for it.
        check(said, meant(generated));
      }),
      { numRuns: 150 },
    );
  });
});
