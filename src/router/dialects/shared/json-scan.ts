/** Follows JSON text piece by piece: where an object ends, and how one that was cut off can be closed. */

const codes = {
  quote: 34,
  backslash: 92,
  openBrace: 123,
  closeBrace: 125,
  openBracket: 91,
  closeBracket: 93,
};

/** One pass over each character, a few nanoseconds each: it stands on the path of tool arguments only. */
export class ObjectScan {
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** Nothing but white space so far. */
  blank = true;
  /** The outermost object has been closed. */
  complete = false;
  /** The first character that counts is not an opening brace. */
  notAnObject = false;

  /** Takes the next piece. Returns how much of it belongs to the object: less than its length once the object has ended. */
  push(piece: string): number {
    let i = 0;
    if (this.complete) return 0;
    if (this.blank) {
      while (i < piece.length && isSpace(piece.charCodeAt(i))) i++;
      if (i === piece.length) return i;
      this.blank = false;
      if (piece.charCodeAt(i) !== codes.openBrace) this.notAnObject = true;
    }
    if (this.notAnObject) return piece.length;
    for (; i < piece.length; i++) {
      const code = piece.charCodeAt(i);
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (code === codes.backslash) this.#escaped = true;
        else if (code === codes.quote) this.#inString = false;
      } else if (code === codes.quote) this.#inString = true;
      else if (code === codes.openBrace || code === codes.openBracket) this.#depth++;
      else if (code === codes.closeBrace || code === codes.closeBracket) {
        this.#depth--;
        if (this.#depth === 0) {
          this.complete = true;
          return i + 1;
        }
      }
    }
    return i;
  }
}

const isSpace = (code: number): boolean => code === 32 || code === 10 || code === 13 || code === 9;

/** The object that `json` holds, or undefined where it is not exactly one object. */
export const parseObject = (json: string): Record<string, unknown> | undefined => {
  try {
    const value = JSON.parse(json) as unknown;
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
};

/** Endings of a value that was cut: tried in turn, one of them fits what stands before. */
const valueEndings = ["", '"', "null", ":null", '":null', '"":null', "0", "ull", "ll", "l", "rue", "ue", "e"];
const moreValueEndings = [
  "alse",
  "lse",
  "se",
  '\\"',
  '0"',
  '00"',
  '000"',
  '0000"',
  '\\":null',
  '0":null',
  '00":null',
  '000":null',
  '0000":null',
];

/**
 * What must follow a piece of an object's JSON so that the whole is one object in which every top-level member is null (the last of equal
 * names counts). Arguments that were cut off must not look like arguments that were meant: half a file would be written.
 * Undefined where `cut` is not the beginning of an object.
 */
export const voidingEnd = (cut: string): string | undefined => {
  const closers = openContainers(cut).toReversed().join("");
  for (const ending of [...valueEndings, ...moreValueEndings]) {
    const object = parseObject(cut + ending + closers);
    if (object === undefined) continue;
    const inner = ending + closers.slice(0, -1);
    const names = Object.keys(object);
    const nulls = names.map((name) => `${JSON.stringify(name)}:null`).join(",");
    return names.length === 0 ? inner + "}" : `${inner},${nulls}}`;
  }
  return undefined;
};

/** The closing characters of what is open at the end of `json`, outermost first. */
const openContainers = (json: string): string[] => {
  const open: string[] = [];
  let inString = false;
  for (let i = 0; i < json.length; i++) {
    const character = json.charAt(i);
    if (inString) {
      if (character === "\\") i++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "{") open.push("}");
    else if (character === "[") open.push("]");
    else if (character === "}" || character === "]") open.pop();
  }
  return open;
};
