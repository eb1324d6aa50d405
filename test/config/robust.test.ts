import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadConfig } from "../../src/config/load.ts";
import { SwitchyardError } from "../../src/shared/errors.ts";
import { place } from "./support.ts";

const sample = readFileSync(new URL("../../config/default.yaml", import.meta.url), "utf8");
const here = place();

/** What loading does with a text: loads it, or tells of a mistake with a place. Anything else is thrown on. */
const outcome = (text: string): string => {
  const file = here.write("fuzz.yaml", text);
  try {
    loadConfig(here.options({}, { file }));
    return "loaded";
  } catch (error) {
    if (!(error instanceof SwitchyardError) || error.code !== "config.invalid") throw error;
    return error.message;
  }
};

const values = [
  "",
  "null",
  "true",
  "-1",
  "1e400",
  "[]",
  "{}",
  "[null]",
  "[[a]]",
  "{a: {b: c}}",
  "x",
  '""',
  '"${"',
  '"${A}"',
  "&a [*a]",
  "*b",
  "!!binary x",
  "? x",
  "__proto__",
  "2026-01-01",
];

describe("no file makes it stumble", () => {
  test("the sample with any value in the place of any other", () => {
    const lines = sample.split("\n");
    const places = lines.flatMap((line, i) => (/^\s*[\w-]+:/.test(line) ? [i] : []));
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.constantFrom(...values), (at, value) => {
        const changed = lines.with(at, (lines[at] ?? "").replace(/:.*/, `: ${value}`));
        expect(outcome(changed.join("\n"))).toMatch(/^loaded$|fuzz\.yaml:\d+:\d+ /);
      }),
      { numRuns: 150 },
    );
  });

  test("any keys with any values, as JSON", () => {
    const key = fc.constantFrom(
      "server",
      "providers",
      "routes",
      "aliases",
      "models",
      "stack",
      "default",
      "use",
      "keys",
      "preset",
      "a",
      "__proto__",
      "constructor",
      "",
    );
    const tree = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: "small" },
        fc.constantFrom<unknown>(null, true, 1, "demo,echo", "demo", "", "${A}", "openai"),
        fc.array(tie("node"), { maxLength: 3 }),
        fc.dictionary(key, tie("node"), { maxKeys: 3 }),
      ),
    })).node;
    fc.assert(
      fc.property(fc.dictionary(key, tree, { maxKeys: 4 }), (value) => {
        expect(outcome(JSON.stringify(value))).toMatch(/^loaded$|fuzz\.yaml:\d+:\d+ /);
      }),
      { numRuns: 200 },
    );
  });

  test("the sample cut anywhere", () => {
    fc.assert(
      fc.property(fc.nat(sample.length), (length) => {
        expect(outcome(sample.slice(0, length))).toMatch(/^loaded$|fuzz\.yaml:\d+:\d+ /);
      }),
      { numRuns: 100 },
    );
  });
});
