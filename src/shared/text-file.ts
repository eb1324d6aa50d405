/** Text files as people's editors and shells write them: PowerShell's `>` writes UTF-16, and Notepad a byte order mark. */
import { readFileSync } from "node:fs";

type Encoding = "utf-8" | "utf-16le" | "utf-16be";

/** By the byte order mark, else by the first character, which is ASCII in every form that is read here (as YAML has it: yaml.org/spec/1.2.2/#52-character-encodings). */
const encodingOf = (bytes: Uint8Array): Encoding => {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return "utf-16le";
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== undefined && second !== 0))
    return "utf-16be";
  return "utf-8";
};

/** UTF-8 or UTF-16, without a byte order mark. What is no character becomes U+FFFD. */
export const decodeText = (bytes: Uint8Array): string => new TextDecoder(encodingOf(bytes)).decode(bytes);

/** The text of a file. Errors of the system are thrown as they are. */
export const readText = (file: string): string => decodeText(readFileSync(file));
