/**
 * Holds names and texts against patterns. A user's regular expression may backtrack without end, and the whole router would stand still: one that
 * repeats anything runs under V8's own watchdog, and is left alone for a while once it was too slow.
 */
import { createContext, Script } from "node:vm";
import type { Pattern } from "../../../config/types.ts";
import { matchesGlob } from "../glob.ts";

/** `slow`: it was ended, or rests since it was. */
export type Match = boolean | "slow";

/** Milliseconds of one regular expression on one text. A good one takes far less than one on the largest system prompt. */
const limit = 50;
/** How long one that was too slow is not tried again, in milliseconds. */
const rest = 60_000;
/** Characters of a text that a regular expression sees. */
const searched = 200_000;

/** Without one of these, a regular expression takes time in proportion to text and pattern. */
const repeats = /[*+{]/;

const script = new Script("pattern.test(text)");
const sandbox = createContext(Object.create(null) as { pattern?: RegExp; text?: string });

/** @returns undefined where it was ended */
const testBounded = (pattern: RegExp, text: string): boolean | undefined => {
  sandbox.pattern = pattern;
  sandbox.text = text;
  try {
    return script.runInContext(sandbox, { timeout: limit }) === true;
  } catch (error) {
    if ((error as { code?: unknown }).code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return undefined;
    throw error;
  } finally {
    delete sandbox.text;
  }
};

/** A pattern, made once for each configuration. @param now milliseconds since the epoch */
export type Matcher = (text: string, now: number) => Match;

/** @param onSlow told when a regular expression was ended: once in `rest` at most */
export const matcherOf = (pattern: Pattern, onSlow: (pattern: Pattern) => void): Matcher => {
  if (pattern.kind === "glob") return (text) => matchesGlob(pattern.text, text.toLowerCase());
  if (pattern.kind === "text") return (text) => text.toLowerCase().includes(pattern.text);
  const regex = new RegExp(pattern.text, pattern.flags);
  if (!repeats.test(pattern.text)) return (text) => regex.test(text.slice(0, searched));
  let restsUntil = -Infinity;
  return (text, now) => {
    if (now < restsUntil) return "slow";
    const matched = testBounded(regex, text.slice(0, searched));
    if (matched !== undefined) return matched;
    restsUntil = now + rest;
    onSlow(pattern);
    return "slow";
  };
};
