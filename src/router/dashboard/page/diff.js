/** What differs between two texts, line by line. */

/** Lines around a change that are shown with it. */
const around = 3;

/** Lengths of the longest common subsequences of the rests of two lists of lines. */
const lengths = (a, b) => {
  const table = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      table[i][j] = a[i] === b[j] ? table[i + 1][j + 1] + 1 : Math.max(table[i + 1][j], table[i][j + 1]);
  return table;
};

/** @returns [" " | "+" | "-", line] in order */
const allLines = (before, after) => {
  let [a, b] = [before.split("\n"), after.split("\n")];
  let [head, tail] = [0, 0];
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const same = (line) => [" ", line];
  const [first, last] = [a.slice(0, head).map(same), tail === 0 ? [] : a.slice(-tail).map(same)];
  [a, b] = [a.slice(head, a.length - tail), b.slice(head, b.length - tail)];
  const table = lengths(a, b);
  const middle = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      middle.push([" ", a[i++]]);
      j++;
    } else if (j >= b.length || (i < a.length && table[i + 1][j] >= table[i][j + 1]))
      middle.push(["-", a[i++]]);
    else middle.push(["+", b[j++]]);
  }
  return [...first, ...middle, ...last];
};

/** With what is far from any change left out: ["…", how many lines]. Empty: the texts are the same. */
export const diff = (before, after) => {
  const lines = allLines(before, after);
  const near = new Set();
  for (const [at, [kind]] of lines.entries())
    if (kind !== " ") for (let i = at - around; i <= at + around; i++) near.add(i);
  const out = [];
  for (const [at, line] of lines.entries()) {
    if (near.has(at)) out.push(line);
    else if (near.size > 0 && out.at(-1)?.[0] === "…") out.at(-1)[1]++;
    else if (near.size > 0) out.push(["…", 1]);
  }
  return out;
};
