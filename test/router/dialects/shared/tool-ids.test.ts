import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Quirks } from "../../../../src/config/types.ts";
import { modelFamily } from "../../../../src/router/dialects/shared/origin.ts";
import {
  fromClientToolId,
  toClientToolId,
  toProviderToolId,
  type ToolIdOwner,
} from "../../../../src/router/dialects/shared/tool-ids.ts";

const provider = (name: string, quirks: Quirks = {}): ToolIdOwner => ({ provider: { name, quirks } });
const kimi = provider("kimi");
const openai = provider("openai", { toolIdLength: 40 });
const mistral = provider("mistral", { toolIdLength: 9, toolIdAlphanumeric: true });

const anyId = fc.string({ unit: "binary", minLength: 1, maxLength: 90 });

describe("ids of tool calls", () => {
  test("come back to their provider as they were, and are ones that Anthropic takes in between", () => {
    fc.assert(
      fc.property(anyId, (id) => {
        const seen = toClientToolId(id, kimi);
        expect(seen).toMatch(/^[a-zA-Z0-9_-]+$/);
        expect(toProviderToolId(seen, kimi)).toBe(id);
        expect(fromClientToolId(seen)).toBe(id);
      }),
      { numRuns: 500 },
    );
  });

  test("that repeat from turn to turn stay apart at every other provider, the same in each of its turns", () => {
    for (const other of [openai, mistral, provider("anthropic")]) {
      const [one, two] = [toClientToolId("functions.Bash:0", kimi), toClientToolId("functions.Bash:0", kimi)];
      const sent = [toProviderToolId(one, other), toProviderToolId(two, other)];
      expect(sent[0]).not.toBe(sent[1]);
      expect(sent[0]).toMatch(/^[a-zA-Z0-9_-]+$/);
      expect(toProviderToolId(one, other)).toBe(sent[0]);
    }
  });

  test("stay apart at their own provider too, where it would not take back what it gave", () => {
    const [one, two] = [toClientToolId("f:0", mistral), toClientToolId("f:0", mistral)];
    expect(toProviderToolId(one, mistral)).toMatch(/^[a-zA-Z0-9]{9}$/);
    expect(toProviderToolId(one, mistral)).not.toBe(toProviderToolId(two, mistral));
  });

  test("fit the length and the alphabet that a provider takes, and no two become one", () => {
    const limits = fc.record({
      toolIdLength: fc.integer({ min: 9, max: 64 }),
      toolIdAlphanumeric: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.uniqueArray(anyId, { maxLength: 40 }), limits, (ids, quirks) => {
        const taker = provider("taker", quirks);
        const sent = ids.map((id) => toProviderToolId(toClientToolId(id, kimi), taker));
        expect(new Set(sent).size).toBe(ids.length);
        for (const id of sent) {
          expect(id.length).toBeLessThanOrEqual(quirks.toolIdLength);
          expect(id).toMatch(quirks.toolIdAlphanumeric ? /^[a-zA-Z0-9]+$/ : /^[a-zA-Z0-9_-]+$/);
        }
      }),
      { numRuns: 300 },
    );
  });
});

test.each([
  ["openai/gpt-5.5:online", "openai/gpt-5.5"],
  ["gpt-5-2025-08-07", "gpt-5"],
  ["claude-sonnet-4-5-20250929", "claude-sonnet-4-5"],
  ["gemini-3-pro-latest", "gemini-3-pro"],
  ["qwen3:30b", "qwen3:30b"],
  ["vendor/model-1", "vendor/model-1"],
])("%s is of the family %s, whose reasoning it can read", (model, family) => {
  expect(modelFamily(model)).toBe(family);
});
