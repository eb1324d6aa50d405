/** The small readers: JSON5, SQL dumps, samples of keys, differences between texts. */
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { asYaml } from "../../../src/cli/import/json5.ts";
import { sqlRows } from "../../../src/cli/import/sql.ts";
import { isPlaceholder, variableIn } from "../../../src/cli/import/texts.ts";
import { diffLines } from "../../../src/cli/ui/diff.ts";
import { mergeYaml } from "../../../src/config/yaml-merge.ts";

describe("JSON5", () => {
  it.each<[string, string, unknown]>([
    ["comments of both kinds", '{ // one\n "a": 1, /* two\n */ "b": 2 }', { a: 1, b: 2 }],
    [
      "what looks like a comment in a text",
      '{ "url": "https://x/y", "c": "/* no */" }',
      { url: "https://x/y", c: "/* no */" },
    ],
    ["names without quotes and no space behind them", "{a:1,b:[true,],}", { a: 1, b: [true] }],
    ["single quotes, with quotes inside", `{ a: 'it\\'s "so"' }`, { a: 'it\'s "so"' }],
    ["tabs, and escapes of JSON", '{\n\t"a": "\\u00e9\\/\\t"\n}', { a: "é/\t" }],
  ])("%s", (_, text, value) => {
    expect(parse(asYaml(text))).toEqual(value);
  });
});

describe("an SQL dump", () => {
  it("rows in one statement or many, doubled quotes, NULL, and statements that are no INSERT", () => {
    const tree = sqlRows(
      "CREATE TABLE t (a TEXT); -- INSERT INTO t VALUES ('no');\nINSERT INTO \"t\" (\"a\", b) VALUES ('it''s (1), x', NULL),\n(2, 'y');\nINSERT INTO t VALUES ('z');",
      "x.sql",
    );
    const rows = tree.entries.get("t")?.value;
    if (rows?.kind !== "list") throw new Error("no rows");
    const values = rows.items.map((row) =>
      row.kind === "map"
        ? Object.fromEntries(
            [...row.entries].map(([name, { value }]) => [name, value.kind === "scalar" ? value.value : "?"]),
          )
        : row,
    );
    expect(values).toEqual([{ a: "it's (1), x", b: null }, { a: 2, b: "y" }, { "0": "z" }]);
    expect(rows.items.map(({ at }) => at.line)).toEqual([2, 3, 4]);
  });
});

describe("keys", () => {
  it.each([
    "",
    "sk-xxx",
    "sk-...",
    "YOUR_API_KEY",
    "your-api-key-1",
    "YOUR_GLM_API_KEY_HERE",
    "<your key>",
    "sk-dummy",
  ])("%j is a sample", (text) => {
    expect(isPlaceholder(text)).toBe(true);
  });
  it.each(["sk-or-v1-0123456789abcdef", "128a2", "cr_16", "AIzaSyExampleExample", "my0123456789"])(
    "%j is a key",
    (text) => {
      expect(isPlaceholder(text)).toBe(false);
    },
  );
  it.each(["$NAME", "${NAME}", "${NAME:-}", "os.environ/NAME", "process.env.NAME", "{env:NAME}"])(
    "%s is a variable",
    (text) => {
      expect(variableIn(text)).toBe("NAME");
    },
  );
});

describe("texts of people", () => {
  it("a difference shows changed lines with those around them", () => {
    expect(diffLines("a\nb\nc\nd\ne\nf\n", "a\nb\nc\nd\nX\nf\ng\n", 1)).toEqual([
      "  d",
      "- e",
      "+ X",
      "  f",
      "+ g",
    ]);
    expect(diffLines("a\n", "a\n")).toEqual([]);
  });
  it("values are put in without a comment or another line being touched", () => {
    const before = "# top\na: 1 # one\nlist: [ x, y ]\nb:\n  c: 2\n";
    const { text, replaced } = mergeYaml(before, { b: { c: 3, d: null }, e: { f: "${X}" } });
    expect(text).toBe("# top\na: 1 # one\nlist: [ x, y ]\nb:\n  c: 3\n  d:\ne:\n  f: ${X}\n");
    expect(replaced).toEqual(["b.c"]);
  });
});
