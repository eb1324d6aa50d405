import fc from "fast-check";
import { expect, it } from "vitest";
import { hasLongRun } from "../../../src/router/tokens/tokenizer.ts";

/** Runs of letters and of spaces in turn, ASCII and not, around the length that counts. */
const texts = fc
  .array(
    fc.record({
      of: fc.constantFrom("a", "é", "漢", "0", " ", "\n", "\u00a0", "\u3000"),
      length: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 250, max: 262 })),
    }),
    { maxLength: 12 },
  )
  .map((parts) => parts.map(({ of, length }) => of.repeat(length)).join(""));

it("a run that would hold the tokenizer up is found wherever it lies", () => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(hasLongRun(text)).toBe(/\s{256,}|\S{256,}/.test(text));
    }),
    { numRuns: 1000 },
  );
});
