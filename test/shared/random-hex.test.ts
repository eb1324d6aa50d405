import { expect, test } from "vitest";
import { randomHex } from "../../src/shared/random-hex.ts";

test("ids are of the length that was asked for, and none comes twice", () => {
  const ids = Array.from({ length: 5_000 }, () => randomHex(12));
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{24}$/);
});
