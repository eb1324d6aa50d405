/** A body as JSON. What lasts of it from turn to turn is written once; of the next turn its bytes are joined with what is new. */
import { isLasting, Kept } from "../../conversation/lasting.ts";

const written = new Kept<Buffer>();

const bytesOf = (part: object): Buffer => written.of(part, [], () => ownBytes(JSON.stringify(part)));

/**
 * In memory of its own. `Buffer.from` cuts short texts out of 64 KB, which others share: each turn's new messages kept such a piece, and a session of 200,000 tokens 8.6 MB where its
 * body has one.
 */
const ownBytes = (text: string): Buffer => {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
};

const holdsLasting = (list: unknown): list is unknown[] =>
  Array.isArray(list) &&
  list.some((part: unknown) => typeof part === "object" && part !== null && isLasting(part));

/**
 * What `JSON.stringify` gives, byte for byte.
 * @param lists the fields whose elements may last (lasting.ts); nobody changes one that does
 */
export const jsonBody = (body: object, lists: readonly string[]): string | Buffer => {
  const fields = Object.entries(body) as [string, unknown][];
  if (!fields.some(([name, value]) => lists.includes(name) && holdsLasting(value)))
    return JSON.stringify(body);
  const parts: Buffer[] = [];
  let text = "{";
  let first = true;
  for (const [name, value] of fields) {
    const key = `${first ? "" : ","}${JSON.stringify(name)}:`;
    if (lists.includes(name) && holdsLasting(value)) {
      text += `${key}[`;
      for (const [i, part] of value.entries()) {
        if (i > 0) text += ",";
        if (typeof part === "object" && part !== null && isLasting(part)) {
          parts.push(Buffer.from(text), bytesOf(part));
          text = "";
        } else text += JSON.stringify(part) ?? "null";
      }
      text += "]";
    } else {
      const json = JSON.stringify(value) as string | undefined;
      // A field that is undefined is none.
      if (json === undefined) continue;
      text += key + json;
    }
    first = false;
  }
  parts.push(Buffer.from(`${text}}`));
  return Buffer.concat(parts);
};
