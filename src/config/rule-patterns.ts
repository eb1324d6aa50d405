/** Patterns of custom rules as people write them: `claude-*`, words, `/a regular expression/i`. Pure. */
import type { Pattern } from "./types-rules.ts";

/** Flags that a pattern may have. `g` and `y` remember where they stopped: the same request would be judged in two ways. */
const knownFlags = /^[imsu]*$/;
const regexForm = /^\/(.+)\/([a-z]*)$/s;

/**
 * @param plain what a text is that is no regular expression
 * @param shown instead of the text, where it came out of a variable
 * @returns what is wrong with it, where it is no pattern
 */
export const parsePattern = (text: string, plain: "glob" | "text", shown = text): Pattern | string => {
  const [, source, flags = ""] = regexForm.exec(text) ?? [];
  if (source === undefined) return { kind: plain, text: text.toLowerCase(), flags: "", shown };
  if (!knownFlags.test(flags))
    return `found the flags ${JSON.stringify(flags)}, expected i, m, s, u or none of them.`;
  try {
    // The only way to know that it can be used.
    void new RegExp(source, flags);
    return { kind: "regex", text: source, flags, shown };
  } catch (error) {
    const words =
      error instanceof Error ? error.message.replace(/^Invalid regular expression: \/.*\/\w*: /s, "") : "";
    return `found no regular expression (${words}); put a \\ before ( ) [ ] { } * + ? that are meant as such.`;
  }
};
