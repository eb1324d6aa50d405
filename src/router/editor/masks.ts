/**
 * Keys that stand in a configuration's text are not shown: a mark with their last four characters stands in their place, and what comes back has the keys put in again.
 * References (`${NAME}`) are text like any other: nothing is ever filled into them.
 */
import { SwitchyardError } from "../../shared/errors.ts";

/** Letters, digits and hyphens alone: whatever quotes a key stood in, the mark fits there. */
const markOf = (number: number, secret: string): string =>
  `HIDDEN-KEY-${number}-${secret.length < 12 ? "" : secret.slice(-4).replaceAll(/[^A-Za-z0-9]/g, "x")}`;
const marks = /HIDDEN-KEY-(\d+)-[A-Za-z0-9]{0,4}/g;

const words = /[A-Za-z0-9_+=.-]{12,}/g;
/**
 * What looks like a key though no configuration in force has it: a file with an error in it may hold a new one. Names of models are shorter, or in words; what is
 * taken for a key and is none comes back as it was.
 */
const looksLikeKey = (word: string): boolean =>
  /^(?:sk|pk|gsk|xai|AIza|tvly|swk|swa|sy|sw)[-_A-Za-z0-9]{10,}$/.test(word) ||
  (word.length >= 28 && /\d/.test(word) && /[A-Za-z]/.test(word) && !/[a-z]+-[a-z]+-/.test(word));
const passwordInUrl = /\/\/[^/@\s:"']*:([^/@\s"']+)@/g;

/** The keys that stand in a text, longest first: one may contain another. */
const secretsIn = (text: string, known: readonly string[]): string[] => {
  const found = new Set<string>();
  for (const secret of known) if (secret.length >= 4 && text.includes(secret)) found.add(secret);
  for (const [word] of text.matchAll(words)) if (looksLikeKey(word)) found.add(word);
  for (const [, password] of text.matchAll(passwordInUrl))
    if (password !== undefined && !password.startsWith("${")) found.add(password);
  return [...found].toSorted((a, b) => b.length - a.length || (a < b ? -1 : 1));
};

/** A text to be shown. @param known secrets of the configuration in force */
export const masked = (text: string, known: readonly string[]): string => {
  let out = text;
  for (const [i, secret] of secretsIn(text, known).entries())
    out = out.replaceAll(secret, markOf(i + 1, secret));
  return out;
};

/**
 * A text that came back, with the keys that its marks stand for.
 * @param original the text that was shown, as it is on disk
 * @throws SwitchyardError request.malformed: a mark that stands for nothing
 */
export const unmasked = (text: string, original: string, known: readonly string[]): string => {
  const secrets = secretsIn(original, known);
  return text.replaceAll(marks, (mark, number: string, at: number) => {
    const secret = secrets[Number(number) - 1];
    if (secret !== undefined && markOf(Number(number), secret) === mark) return secret;
    const line = text.slice(0, at).split("\n").length;
    throw new SwitchyardError("request.malformed", {
      detail: `line ${line}: ${mark} stands for no key of the file`,
      hint: "Write ${NAME}, and keep the key with: switchyard secrets set NAME.",
    });
  });
};

/**
 * Refuses a text in which a key is written out that the text before had by reference, or not at all.
 * @throws SwitchyardError request.malformed
 */
export const requireNoNewKeys = (text: string, original: string, known: readonly string[]): void => {
  const secret = known.find((each) => each.length >= 8 && text.includes(each) && !original.includes(each));
  if (secret === undefined) return;
  const line = text.slice(0, text.indexOf(secret)).split("\n").length;
  throw new SwitchyardError("request.malformed", {
    detail: `line ${line}: a key is written out here that comes from a variable`,
    hint: "Write ${NAME} in its place.",
  });
};
