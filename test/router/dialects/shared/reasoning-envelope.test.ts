import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DialectName } from "../../../../src/config/types.ts";
import type { Origin } from "../../../../src/router/dialects/shared/origin.ts";
import {
  fromEnvelope,
  isEnvelope,
  toEnvelope,
} from "../../../../src/router/dialects/shared/reasoning-envelope.ts";

const origin = (name = "openrouter", dialect: DialectName = "openai-chat", model = "vendor/m-1"): Origin => ({
  provider: { name, dialect },
  model,
});

const details = fc.array(
  fc.record({
    type: fc.constantFrom("reasoning.text", "reasoning.summary", "reasoning.encrypted"),
    text: fc.string({ unit: "binary" }),
    signature: fc.string(),
    extra: fc.jsonValue(),
  }),
  { minLength: 1, maxLength: 4 },
);

describe("reasoning in its envelope", () => {
  test("comes back to its origin byte for byte, and bears nothing that a client or a header could change", () => {
    fc.assert(
      fc.property(details, fc.boolean(), (list, joined) => {
        const whole = JSON.parse(JSON.stringify(list)) as Record<string, unknown>[];
        const thinking = joined ? whole.map((detail) => detail["text"]).join("") : "shown otherwise";
        const sealed = toEnvelope(whole, thinking, origin());
        expect(sealed).toMatch(/^[\w.:-]+$/);
        expect(isEnvelope(sealed)).toBe(true);
        expect(fromEnvelope(sealed, thinking, origin())).toEqual(whole);
      }),
    );
  });

  const sealed = toEnvelope([{ signature: "s", text: "hm" }], "hm", origin());

  test.each([
    ["another provider", origin("zai")],
    ["another dialect of the same provider", origin("openrouter", "anthropic")],
    ["another model", origin("openrouter", "openai-chat", "vendor/m-2")],
  ])("is not opened for %s", (_, other) => {
    expect(fromEnvelope(sealed, "hm", other)).toEqual([]);
  });

  test("is opened for a variant of the same model", () => {
    const variant = origin("openrouter", "openai-chat", "vendor/m-1:online");
    expect(fromEnvelope(sealed, "hm", variant)).toHaveLength(1);
  });

  test("is left out where anything of it was cut or changed", () => {
    for (let at = 0; at < sealed.length; at++) {
      expect(fromEnvelope(sealed.slice(0, at), "hm", origin())).toEqual([]);
      const other = sealed[at] === "A" ? "B" : "A";
      const found = fromEnvelope(sealed.slice(0, at) + other + sealed.slice(at + 1), "hm", origin());
      // The last character has spare bits: another may mean the same bytes.
      if (found.length > 0) expect(found).toEqual([{ signature: "s", text: "hm" }]);
    }
    expect(fromEnvelope(sealed, "hmm", origin())).toEqual([]);
    expect(fromEnvelope(undefined, "", origin())).toEqual([]);
  });

  test("that would swell every later request is not made", () => {
    expect(toEnvelope([{ data: "x".repeat(600_000) }], "", origin())).toBe("");
    expect(toEnvelope([{ data: "x".repeat(300_000) }], "", origin())).not.toBe("");
  });
});
