/** Exchanges the model id in the bytes of a request, so that all else goes out as it came in: numbers, escapes, unknown fields, order. */
import { endOfString } from "../../conversation/json-layout.ts";

const byte = {
  quote: 34,
  comma: 44,
  openBracket: 91,
  closeBracket: 93,
  openBrace: 123,
  closeBrace: 125,
};
/** As today's client begins. */
const usualStart = Buffer.from('{"model":"');

/**
 * @param raw a JSON object
 * @param asked the model id that its parser found in it
 * @returns the bytes with `model` as the model id; undefined where it cannot be told for certain which bytes are it
 */
export const withModel = (raw: Buffer, asked: string, model: string): Buffer | undefined => {
  const span = raw.subarray(0, usualStart.length).equals(usualStart)
    ? { from: usualStart.length - 1, to: endOfString(raw, usualStart.length) + 1 }
    : modelSpan(raw);
  if (span === undefined) return undefined;
  const value = JSON.parse(raw.toString("utf8", span.from, span.to)) as unknown;
  // Of a key that stands there twice the last one counts, which is not this one then.
  if (value !== asked) return undefined;
  if (asked === model) return raw;
  return Buffer.concat([
    raw.subarray(0, span.from),
    Buffer.from(JSON.stringify(model)),
    raw.subarray(span.to),
  ]);
};

/** Where the only string of the key `model` of the outermost object stands, quotes included. */
const modelSpan = (raw: Buffer): { from: number; to: number } | undefined => {
  let span: { from: number; to: number } | undefined;
  let depth = 0;
  let isKey = false;
  let isModel = false;
  for (let at = 0; at < raw.length; at++) {
    switch (raw[at]) {
      case byte.openBrace:
      case byte.openBracket:
        isKey = ++depth === 1;
        isModel = false;
        break;
      case byte.closeBrace:
      case byte.closeBracket:
        depth--;
        break;
      case byte.comma:
        isKey = depth === 1;
        break;
      case byte.quote: {
        const end = endOfString(raw, at + 1);
        if (depth === 1) {
          const key = isKey ? raw.toString("utf8", at + 1, end) : "";
          // A key written with escapes may be `model` too.
          if (key.includes("\\") || (key === "model" && span !== undefined)) return undefined;
          if (isModel) span = { from: at, to: end + 1 };
          isModel = key === "model";
          isKey = false;
        }
        at = end;
        break;
      }
      default: // white space, colons, numbers, literals
    }
  }
  return span;
};
