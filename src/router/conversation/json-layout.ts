/** Where the parts of a request stand in its bytes. Every function takes bytes that a parser has accepted as JSON. */

const byte = {
  quote: 34,
  comma: 44,
  openBracket: 91,
  backslash: 92,
  closeBracket: 93,
  openBrace: 123,
  closeBrace: 125,
};

/** From the first byte of a value to the one behind its last. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Layout {
  /** Behind the opening bracket of `messages`. */
  readonly messages: number;
  /** Behind the last byte of each message. */
  readonly ends: readonly number[];
  /** The value of `tools`; undefined where there is none. */
  readonly tools: Span | undefined;
}

/** The position of the closing quote of a string; the length of the bytes where there is none. @param at behind the opening one */
export const endOfString = (raw: Buffer, at: number): number => {
  for (;;) {
    const end = raw.indexOf(byte.quote, at);
    if (end === -1) return raw.length;
    let slashes = 0;
    while (raw[end - 1 - slashes] === byte.backslash) slashes++;
    if (slashes % 2 === 0) return end;
    at = end + 1;
  }
};

/** The first byte from `at` on that is no white space. */
const behindSpace = (raw: Buffer, at: number): number => {
  while (raw[at]! <= 32) at++;
  return at;
};

/** Behind the last byte of the value that begins at `at`. */
const endOfValue = (raw: Buffer, at: number): number => {
  let depth = 0;
  for (; at < raw.length; at++) {
    switch (raw[at]) {
      case byte.quote:
        at = endOfString(raw, at + 1);
        if (depth === 0) return at + 1;
        break;
      case byte.openBrace:
      case byte.openBracket:
        depth++;
        break;
      case byte.closeBrace:
      case byte.closeBracket:
        if (--depth === 0) return at + 1;
        if (depth < 0) return at;
        break;
      case byte.comma:
        if (depth === 0) return at;
        break;
      default: // white space, colons, numbers, literals
    }
  }
  return at;
};

/** The elements of an array from the one that begins at `at`. @returns behind each of them, and where the closing bracket stands */
const elementsFrom = (raw: Buffer, at: number): { ends: number[]; close: number } => {
  const ends: number[] = [];
  at = behindSpace(raw, at);
  while (at < raw.length && raw[at] !== byte.closeBracket) {
    at = endOfValue(raw, at);
    ends.push(at);
    at = behindSpace(raw, at);
    if (raw[at] === byte.comma) at = behindSpace(raw, at + 1);
  }
  return { ends, close: at };
};

interface Member extends Span {
  readonly key: string;
}

/** The members of an object from the one whose key begins at `at`. Of an array its elements are not looked at twice: `endOf` may know its end. */
const membersFrom = function* (
  raw: Buffer,
  at: number,
  endOf: (key: string, from: number) => number,
): Generator<Member> {
  at = behindSpace(raw, at);
  while (raw[at] === byte.quote) {
    const end = endOfString(raw, at + 1);
    const key = raw.toString("utf8", at + 1, end);
    const from = behindSpace(raw, behindSpace(raw, end + 1) + 1);
    const to = endOf(key, from);
    yield { key, from, to };
    at = behindSpace(raw, to);
    if (raw[at] === byte.comma) at = behindSpace(raw, at + 1);
  }
};

/** The layout of a request; undefined where `messages` is no array or stands there twice, and where a key that is written with escapes may be one of these. */
export const layoutOf = (raw: Buffer): Layout | undefined => {
  let found: { messages: number; ends: number[] } | undefined;
  let tools: Span | undefined;
  let twice = false;
  const endOf = (key: string, from: number): number => {
    if (key !== "messages" || raw[from] !== byte.openBracket) return endOfValue(raw, from);
    if (found !== undefined) twice = true;
    const { ends, close } = elementsFrom(raw, from + 1);
    found = { messages: from + 1, ends };
    return close + 1;
  };
  for (const { key, from, to } of membersFrom(raw, behindSpace(raw, 0) + 1, endOf)) {
    if (key.includes("\\")) return undefined;
    if (key === "tools") tools = { from, to };
  }
  return found === undefined || twice ? undefined : { ...found, tools };
};

/**
 * The layout of a request that begins as one whose layout is known. Only what is new in it is looked at.
 * @param before of the other one; its first `same` messages stand at the same places here
 * @param tools where they are, if that is known
 */
export const layoutBehind = (raw: Buffer, before: Layout, same: number, tools: Span | undefined): Layout => {
  const kept = before.ends.slice(0, same);
  const next = behindSpace(raw, kept.at(-1) ?? before.messages);
  const { ends, close } = elementsFrom(raw, raw[next] === byte.comma ? next + 1 : next);
  let found = tools;
  if (found === undefined) {
    const behind = behindSpace(raw, close + 1);
    for (const { key, from, to } of membersFrom(raw, behind + 1, (_, at) => endOfValue(raw, at))) {
      if (key === "tools") found = { from, to };
      if (key.includes("\\"))
        return { messages: before.messages, ends: [...kept, ...ends], tools: undefined };
    }
  }
  return { messages: before.messages, ends: [...kept, ...ends], tools: found };
};

/** How many bytes two bodies have in common from their beginning on, at the speed of memory. */
export const sharedBytes = (one: Buffer, other: Buffer): number => {
  const length = Math.min(one.length, other.length);
  const same = (from: number, to: number): boolean => one.compare(other, from, to, from, to) === 0;
  let at = 0;
  let step = 256;
  while (at < length && same(at, Math.min(at + step, length))) {
    at = Math.min(at + step, length);
    step = Math.min(step * 2, 64 * 1024);
  }
  let end = Math.min(at + step, length);
  // The first difference lies in [at, end).
  while (end - at > 1) {
    const middle = (at + end) >> 1;
    if (same(at, middle)) at = middle;
    else end = middle;
  }
  return at;
};
