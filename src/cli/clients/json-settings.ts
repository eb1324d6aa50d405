/** Changes of a client's settings in JSON: single values, at their paths; all else stays byte for byte, comments too. */
import { isDeepStrictEqual } from "node:util";
import { applyEdits, modify, parse, type ParseError, printParseErrorCode } from "jsonc-parser";
import { SwitchyardError } from "../../shared/errors.ts";
import { isJsonObject, type JsonObject } from "../../shared/json.ts";

const byteOrderMark = "\uFEFF";

const refused = (title: string, why: string): SwitchyardError =>
  new SwitchyardError("persist.refused", { detail: `the settings of ${title} ${why}` });

/** Comments and commas behind the last value are read as clients read them. @throws SwitchyardError persist.refused */
const objectOf = (text: string | undefined, title: string): JsonObject => {
  if (text === undefined || text.trim() === "") return {};
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  const first = errors[0];
  if (first !== undefined) {
    const line = text.slice(0, first.offset).split("\n").length;
    throw refused(title, `cannot be understood: line ${line}: ${printParseErrorCode(first.error)}`);
  }
  if (isJsonObject(value)) return value;
  throw refused(title, "are no JSON object");
};

type Change = readonly [path: readonly string[], value: unknown];

/** What must change, as deep as it can be told; undefined takes a value away. */
const changesOf = (from: JsonObject, to: JsonObject, path: readonly string[] = []): Change[] =>
  [...new Set([...Object.keys(from), ...Object.keys(to)])].flatMap((name): Change[] => {
    const [was, is] = [from[name], to[name]];
    if (isDeepStrictEqual(was, is)) return [];
    const at = [...path, name];
    return isJsonObject(was) && isJsonObject(is) ? changesOf(was, is, at) : [[at, is]];
  });

/** @throws SwitchyardError persist.refused where the text says something twice, so that it cannot be told which counts */
const edited = (whole: string | undefined, to: JsonObject, title: string): string => {
  if (whole === undefined || whole.trim() === "") return `${JSON.stringify(to, null, 2)}\n`;
  const mark = whole.startsWith(byteOrderMark) ? byteOrderMark : "";
  let text = whole.slice(mark.length);
  const indent = /\n([ \t]+)"/.exec(text)?.[1] ?? "  ";
  const formattingOptions = {
    insertSpaces: !indent.includes("\t"),
    tabSize: indent.length,
    eol: text.includes("\r\n") ? "\r\n" : "\n",
  };
  for (const [path, value] of changesOf(objectOf(text, title), to))
    text = applyEdits(text, modify(text, [...path], value, { formattingOptions }));
  if (!isDeepStrictEqual(objectOf(text, title), to)) throw refused(title, "name the same key twice");
  return mark + text;
};

/** The object with `values` over it, map by map; undefined takes a value away. */
const laidOver = (object: JsonObject, values: JsonObject): JsonObject => {
  const out = { ...object };
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) delete out[name];
    else if (isJsonObject(value)) out[name] = laidOver(isJsonObject(out[name]) ? out[name] : {}, value);
    else out[name] = value;
  }
  return out;
};

const withoutMark = (text: string | undefined): string | undefined =>
  text?.startsWith(byteOrderMark) === true ? text.slice(byteOrderMark.length) : text;

/** The text with these values in it. @param title of the client @throws SwitchyardError persist.refused */
export const putValues = (text: string | undefined, values: JsonObject, title: string): string =>
  edited(text, laidOver(objectOf(withoutMark(text), title), values), title);

/** What changed from `before` to `after` is taken back in `now`, wherever it still stands there. */
const takenBack = (now: JsonObject, before: JsonObject, after: JsonObject): JsonObject => {
  const out = { ...now };
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [was, wrote, is] = [before[name], after[name], now[name]];
    if (isDeepStrictEqual(was, wrote)) continue;
    let value = isDeepStrictEqual(is, wrote) ? was : is;
    if (isJsonObject(is) && isJsonObject(wrote) && !isDeepStrictEqual(is, wrote)) {
      const inner = takenBack(is, isJsonObject(was) ? was : {}, wrote);
      value = was === undefined && Object.keys(inner).length === 0 ? undefined : inner;
    }
    if (value === undefined) delete out[name];
    else out[name] = value;
  }
  return out;
};

/** The text without what was written into it; what the user changed since stays. @throws SwitchyardError persist.refused */
export const takeValues = (
  text: string,
  before: string | undefined,
  after: string,
  title: string,
): string => {
  const [now, was, wrote] = [text, before, after].map((each) => objectOf(withoutMark(each), title));
  return edited(text, takenBack(now ?? {}, was ?? {}, wrote ?? {}), title);
};
