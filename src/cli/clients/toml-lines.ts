/** Which lines of a TOML text begin a statement: what looks like one within a string or an array of several lines is none (toml.io, v1.0). */

export interface Statements {
  /** Numbers of lines, from 0, on which a statement begins. */
  readonly starts: ReadonlySet<number>;
  /** Whether every string and bracket is closed. */
  readonly whole: boolean;
}

/** A comment, a string of any kind, a bracket; in that order at each place. */
const token =
  /#[^\n]*|"""(?:\\[\s\S]|(?!""")[\s\S])*"""+|'''(?:(?!''')[\s\S])*'''+|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|["'[\]{}]|\n/g;

/** @param text of a whole file */
export const statementsOf = (text: string): Statements => {
  const starts = new Set([0]);
  let line = 0;
  let depth = 0;
  let whole = true;
  for (const [found] of text.matchAll(token)) {
    if (found === "\n") {
      line += 1;
      if (depth === 0) starts.add(line);
    } else if (found === "[" || found === "{") depth += 1;
    else if (found === "]" || found === "}") depth -= 1;
    else if (found === '"' || found === "'") whole = false;
    else line += found.split("\n").length - 1;
  }
  return { starts, whole: whole && depth === 0 };
};
