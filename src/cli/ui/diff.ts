/** What differs between two texts, line by line, as `diff -u` shows it. */

interface Line {
  readonly mark: " " | "-" | "+";
  readonly text: string;
}

/** Lengths of the longest common subsequences of the ends of two lists. */
const lengths = (a: readonly string[], b: readonly string[]): readonly Uint32Array[] => {
  const table = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    const [row, below] = [table[i], table[i + 1]];
    if (row === undefined || below === undefined) continue;
    for (let j = b.length - 1; j >= 0; j--)
      row[j] = a[i] === b[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
  }
  return table;
};

const linesOf = (text: string): string[] => {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
};

/**
 * @param context unchanged lines around a change; runs between are cut out with `…`
 * @returns empty where nothing differs. For files of people: its time grows with the product of their lengths
 */
export const diffLines = (before: string, after: string, context = 2): string[] => {
  const [a, b] = [linesOf(before), linesOf(after)];
  const table = lengths(a, b);
  const all: Line[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      all.push({ mark: " ", text: a[i++] ?? "" });
      j++;
    } else if (j >= b.length || (i < a.length && (table[i + 1]?.[j] ?? 0) >= (table[i]?.[j + 1] ?? 0)))
      all.push({ mark: "-", text: a[i++] ?? "" });
    else all.push({ mark: "+", text: b[j++] ?? "" });
  }
  const near = all.map((_, at) =>
    all.slice(Math.max(0, at - context), at + context + 1).some(({ mark }) => mark !== " "),
  );
  return all.flatMap(({ mark, text }, at) =>
    near[at] === true ? [`${mark} ${text}`.trimEnd()] : at > 0 && near[at - 1] === true ? ["…"] : [],
  );
};
