/** Holds docs/pains.md against the tests that it names. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "..");
const read = (file: string): string => readFileSync(join(root, file), "utf8");

/** `| pain | cell |` of the tables, without their heads. */
const rows = read("docs/pains.md")
  .split("\n")
  .filter(
    (line) => line.startsWith("| ") && !line.startsWith("| What users saw") && !line.startsWith("| ---"),
  )
  .map((line) => {
    const [, pain = "", cell = ""] = /^\| (.*?) \| (.*) \|$/.exec(line) ?? [];
    return [pain, cell] as const;
  });

const testsIn = (cell: string): { file: string; name: string }[] =>
  [...cell.matchAll(/`([^`]+\.test\.ts)`: "(.*?)"(?=<br>|$)/g)].map(([, file, name]) => ({
    file: `test/${file!}`,
    name: name!.replaceAll(String.raw`\|`, "|"),
  }));

/** The titles of a file's tests, and the names in its tables of cases: whatever is a whole text there, but no comment. */
const titlesIn = (file: string): Set<string> =>
  new Set(
    [
      ...read(file)
        .replaceAll(/^\s*\/\/.*$/gm, "")
        .matchAll(/"((?:[^"\\\n]|\\.)*)"/g),
    ].map(([, title]) => title!),
  );

describe("docs/pains.md", () => {
  it("has a table of each kind", () => {
    expect(rows.length).toBeGreaterThan(40);
    for (const [pain, cell] of rows) expect(`${pain}|${cell}`).toMatch(/^.+\|(?:`|open: )/);
  });

  it.each(rows)("%s", (_pain, cell) => {
    const named = testsIn(cell);
    const open = cell.split("<br>").filter((part) => part.startsWith("open: "));
    expect(named.length + open.length).toBe(cell.split("<br>").length);
    for (const { file, name } of named) {
      expect(existsSync(join(root, file)), file).toBe(true);
      expect(titlesIn(file), `${file} has no such test`).toContain(name);
    }
  });
});
