/** Collects everything that is wrong with a configuration, so that it is told once, at once, with its place. */
import { SwitchyardError } from "../shared/errors.ts";

/** A place in a file. `line` and `column` count from 1; line 0 means the file as a whole, or no file (a flag). */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export type Path = readonly (string | number)[];

/** `routes.default[0]`, `providers."my provider".keys`. */
export const showPath = (path: Path): string => {
  let out = "";
  for (const part of path) {
    if (typeof part === "number") out += `[${part}]`;
    else {
      const word = /^[\w*-]+$/.test(part) ? part : JSON.stringify(part);
      out += out === "" ? word : `.${word}`;
    }
  }
  return out;
};

const showPosition = (at: Position): string =>
  at.line === 0 ? at.file : `${at.file}:${at.line}:${at.column}`;

/** The problems of one configuration. The same problem at the same place counts once. */
export class Problems {
  readonly #lines = new Map<string, Position>();

  /** @param text what was found and what is allowed; never the value of a key */
  add(at: Position, path: Path, text: string): void {
    const where = path.length === 0 ? "" : ` ${showPath(path)}:`;
    this.#lines.set(`${showPosition(at)}${where} ${text}`, at);
  }

  get count(): number {
    return this.#lines.size;
  }

  /** Throws `config.invalid` with every problem, a line each, in the order of the files' lines; nothing where there is none. */
  throwIfAny(): void {
    if (this.#lines.size === 0) return;
    const lines = [...this.#lines]
      .toSorted(([, a], [, b]) =>
        a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? 1 : -1,
      )
      .map(([line]) => line);
    throw new SwitchyardError("config.invalid", {
      detail: lines.length === 1 ? (lines[0] ?? "") : `${lines.length} errors\n  ${lines.join("\n  ")}`,
    });
  }
}

/** Edits (insert, delete, replace, swap of neighbours) between two words. */
export const editDistance = (a: string, b: string): number => {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(
        (previous[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (previous[j - 1] ?? 0) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (beforePrevious[j - 2] ?? 0) + 1);
      }
      row.push(best);
    }
    beforePrevious = previous;
    previous = row;
  }
  return previous[b.length] ?? 0;
};

/** The known name that was probably meant, letter case aside, or undefined where none is near. */
export const nearest = (found: string, known: Iterable<string>): string | undefined => {
  const wanted = found.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(wanted.length * 0.4)) + 1;
  for (const name of known) {
    const distance = editDistance(wanted, name.toLowerCase());
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
};

/** ` Did you mean "x"?`, or nothing. */
export const didYouMean = (found: string, known: Iterable<string>): string => {
  const name = nearest(found, known);
  return name === undefined ? "" : ` Did you mean "${name}"?`;
};
