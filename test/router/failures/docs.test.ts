/** Holds docs/failures.md against the table that it shows. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Cools, FailureKind, FailureRow } from "../../../src/router/failures/kinds.ts";
import { statusKinds, taxonomy } from "../../../src/router/failures/taxonomy.ts";
import { failureKinds, failureSteps } from "../../../src/shared/failure-names.ts";

const text = readFileSync(new URL("../../../docs/failures.md", import.meta.url), "utf8");
const rows = new Map(
  text
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => {
      const cells = line.split("|").map((cell) => cell.trim());
      return [cells[1]!.replaceAll("`", ""), cells.slice(2, -1)];
    }),
);

const rests: Readonly<Record<Cools, string>> = {
  key: "this key",
  "key-model": "this key for this model",
  model: "the model at this provider",
  nothing: "nothing",
};
const stepOf = ({ step, alone }: FailureRow): string =>
  alone === undefined ? `\`${step}\`` : `\`${step}\`; \`${alone}\` where no other is left`;
const whenOf = ({ cools, opens }: FailureRow): string =>
  cools === "nothing" ? "" : opens === "at-once" ? "at once" : "after failures in a row";

test.each(Object.entries(taxonomy))("says of %s what follows", (kind, row) => {
  expect(rows.get(kind)?.slice(1)).toEqual([stepOf(row), rests[row.cools], whenOf(row)]);
});

test("says what each step is, and names nothing that is none", () => {
  expect(failureSteps.filter((step) => !rows.has(step))).toEqual([]);
  const known = [...failureKinds, ...failureSteps, "status", "words", "as", "then", "wait"];
  expect([...rows.keys()].toSorted()).toEqual(known.toSorted());
});

/** Every status that the table knows by itself, with the kind that it stands for. */
const single = statusKinds.filter(([from, to]) => to - from < 10 && from >= 400);
test.each(single)("names the status %i where its kind is described", (from, _to, kind: FailureKind) => {
  expect(rows.get(kind)?.[0]).toContain(String(from));
});
