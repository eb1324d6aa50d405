/** The rows that the INSERT statements of an SQL dump hold. Nothing of it is executed: a dump may say anything. */
import type { MapTree, Scalar, Tree } from "../../config/tree.ts";

/**
 * @returns tables by name, each a list of rows, each a map by column; of a table whose columns are not named, by their place (`0`, `1`)
 */
export const sqlRows = (text: string, file: string): MapTree => {
  const rows = new Map<string, Tree[]>();
  const head = /INSERT\s+(?:OR\s+\w+\s+)?INTO\s+("[^"]+"|`[^`]+`|\w+)\s*(\(([^)]*)\))?\s*VALUES\s*/giy;
  const lines = new Lines(text);
  let i = 0;
  while (i < text.length) {
    head.lastIndex = i;
    const match = head.exec(text);
    if (!match) {
      i = skip(text, i);
      continue;
    }
    const table = unquoted(match[1] ?? "");
    const columns = match[3]?.split(",").map((each) => unquoted(each.trim()));
    i = head.lastIndex;
    const list = rows.get(table) ?? [];
    rows.set(table, list);
    while (text[i] === "(") {
      const at = { file, line: lines.of(i), column: 1 };
      const { values, end } = tuple(text, i);
      const entries: MapTree["entries"] = new Map(
        values.map((value, n) => [
          columns?.[n] ?? String(n),
          { keyAt: at, value: { kind: "scalar", at, value } },
        ]),
      );
      list.push({ kind: "map", at, entries });
      i = end + (/^\s*,?\s*/.exec(text.slice(end, end + 200))?.[0].length ?? 0);
    }
  }
  const top = { file, line: 1, column: 1 };
  return {
    kind: "map",
    at: top,
    entries: new Map(
      [...rows].map(([table, items]) => {
        const at = items[0]?.at ?? top;
        return [table, { keyAt: at, value: { kind: "list", at, items } }];
      }),
    ),
  };
};

const unquoted = (name: string): string => name.replaceAll(/^["'`[]|["'`\]]$/g, "");

/** Behind the next token that is no INSERT: a string, a comment, or one character and the word that it begins. */
const skip = (text: string, i: number): number => {
  if (text[i] === "'" || text[i] === '"') return stringEnd(text, i);
  if (text.startsWith("--", i)) {
    const end = text.indexOf("\n", i);
    return end < 0 ? text.length : end + 1;
  }
  const word = /\w+/y;
  word.lastIndex = i;
  return word.test(text) ? word.lastIndex : i + 1;
};

/** Behind the closing quote; quotes inside are doubled. */
const stringEnd = (text: string, start: number): number => {
  const quote = text.charAt(start);
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] !== quote) continue;
    if (text[i + 1] !== quote) return i + 1;
    i++;
  }
  return text.length;
};

/** The values between two parentheses, and where what follows begins. What is neither text, number nor NULL is its own text. */
const tuple = (text: string, start: number): { values: Scalar[]; end: number } => {
  const values: Scalar[] = [];
  let i = start + 1;
  let pending = "";
  let string: string | undefined;
  for (; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === "'") {
      const end = stringEnd(text, i);
      string = text.slice(i + 1, end - 1).replaceAll("''", "'");
      i = end - 1;
    } else if (char === "," || char === ")") {
      const word = pending.trim();
      values.push(
        string ?? (/^null$/i.test(word) ? null : /^-?\d+(?:\.\d+)?$/.test(word) ? Number(word) : word),
      );
      [pending, string] = ["", undefined];
      if (char === ")") return { values, end: i + 1 };
    } else pending += char;
  }
  return { values, end: text.length };
};

/** Numbers of lines for places that are asked for in their order. */
class Lines {
  readonly #text: string;
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  of(place: number): number {
    for (; this.#at < place; this.#at++) if (this.#text[this.#at] === "\n") this.#line++;
    return this.#line;
  }
}
