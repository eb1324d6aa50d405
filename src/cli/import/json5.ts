/**
 * JSON5 (json5.org: comments, single quotes, names without quotes, trailing commas) as a text that a reader of YAML takes: a JSON text is YAML,
 * and the positions of lines stay. Comments go, and what YAML reads otherwise is written as JSON has it.
 */
export const asYaml = (text: string): string => {
  let out = "";
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === '"' || char === "'") {
      const end = endOfString(text, i);
      out += quoted(text.slice(i + 1, end), char);
      i = end;
    } else if (char === "/" && text[i + 1] === "/") {
      while (i + 1 < text.length && text[i + 1] !== "\n") i++;
    } else if (char === "/" && text[i + 1] === "*") {
      const end = text.indexOf("*/", i + 2);
      const comment = text.slice(i, end < 0 ? text.length : end + 2);
      out += comment.replaceAll(/[^\n]/g, " ");
      i += comment.length - 1;
    } else if (char === ":") out += ": ";
    else out += char === "\t" || char === "\uFEFF" ? " " : char;
  }
  return out;
};

/** Where the quote is that closes a string; the text's end where none does. */
const endOfString = (text: string, start: number): number => {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === text[start]) return i;
  }
  return text.length;
};

/** A string with double quotes. */
const quoted = (inside: string, quote: string): string => {
  if (quote === '"') return `"${inside}"`;
  return `"${inside.replaceAll(/\\'|\\[\s\S]|"/g, (found) => (found === "\\'" ? "'" : found === '"' ? '\\"' : found))}"`;
};
