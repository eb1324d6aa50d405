import { expect, test } from "vitest";
import { SwitchyardError } from "../../src/shared/errors.ts";
import { toldOf } from "../../src/shared/told.ts";

test.each([
  ["a question keeps its mark", 'there is no provider b. Did you mean "a"?', 'Did you mean "a"? Name one.'],
  ["a sentence its full stop", "not valid YAML: wrong indentation.", "wrong indentation. Name one."],
  ["what has no end gets one", "there is none", "there is none. Name one."],
])("in an error that is told in one line, %s", (_what, detail, told) => {
  const text = toldOf(new SwitchyardError("config.invalid", { detail, hint: "Name one." }));
  expect(text.endsWith(told)).toBe(true);
  expect(text).not.toMatch(/[.?]\./);
});
