/**
 * Why turns were routed as they were, kept small: the words are the same for thousands of turns but for the numbers in them, so they are a name like
 * others (names.ts), and the numbers stand beside.
 */
import type { SkippedTarget, WhyStep } from "../record.ts";

/** What is kept of the routing of a turn. */
export interface Routing {
  readonly why?: readonly WhyStep[];
  readonly skipped?: readonly SkippedTarget[];
}

/** Stands for a number; what bears it by itself has lost it to the bounds of a line, or loses it here. */
const place = "\u0001";

/** @returns undefined of a turn that tells nothing */
export const packRouting = ({ why, skipped }: Routing): { words: string; numbers: string } | undefined => {
  if (why === undefined && skipped === undefined) return undefined;
  const numbers: string[] = [];
  const plain = (text: string): string =>
    text.replaceAll(place, "\ufffd").replace(/\d+/g, (digits) => {
      numbers.push(digits);
      return place;
    });
  const words = JSON.stringify([
    why?.map(({ rule, matched, reason }) => [plain(rule), matched ? "y" : "n", plain(reason)]) ?? null,
    skipped?.map(({ target, reason }) => [plain(target), plain(reason)]) ?? null,
  ]);
  return { words, numbers: numbers.join(" ") };
};

type Packed = [[string, "y" | "n", string][] | null, [string, string][] | null];

export const unpackRouting = (words: string, numbers: string): Routing => {
  const left = numbers.split(" ");
  const full = (text: string): string => text.replaceAll(place, () => left.shift() ?? "");
  const [why, skipped] = JSON.parse(words) as Packed;
  return {
    ...(why !== null && {
      why: why.map(([rule, matched, reason]) => ({
        rule: full(rule),
        matched: matched === "y",
        reason: full(reason),
      })),
    }),
    ...(skipped !== null && {
      skipped: skipped.map(([target, reason]) => ({ target: full(target), reason: full(reason) })),
    }),
  };
};
