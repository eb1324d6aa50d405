/** Changes of a client's settings in JSON: single values, at their paths; all else stays, in its order. */
import { isDeepStrictEqual } from "node:util";
import { SwitchyardError } from "../../shared/errors.ts";
import { isJsonObject, type JsonObject, parseJsonObject } from "../../shared/json.ts";

/** A number with more digits than are kept when the text is written anew. @param text valid JSON */
const lostNumber = (text: string): string | undefined =>
  [...text.matchAll(/"(?:\\.|[^"\\])*"|-?\d[\d.eE+-]*/g)]
    .map(([found]) => found)
    .find((found) => /^-?\d+$/.test(found) && String(Number(found)) !== found && Number(found) !== 0);

/** @throws SwitchyardError persist.refused: comments, for example, would be lost */
const objectOf = (text: string | undefined, title: string): JsonObject => {
  if (text === undefined || text.trim() === "") return {};
  const value = parseJsonObject(text);
  if (value !== undefined) {
    const lost = lostNumber(text);
    if (lost === undefined) return value;
    throw new SwitchyardError("persist.refused", {
      detail: `the settings of ${title} have the number ${lost}, which would be rounded`,
    });
  }
  throw new SwitchyardError("persist.refused", {
    detail: `the settings of ${title} are no plain JSON object; comments in them would be lost`,
  });
};

const render = (value: JsonObject, like: string | undefined): string => {
  const indent = /\n([ \t]+)"/.exec(like ?? "")?.[1] ?? "  ";
  const end = like === undefined || like.trim() === "" || like.endsWith("\n") ? "\n" : "";
  return JSON.stringify(value, null, indent) + end;
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

/** The text with these values in it. @param title of the client @throws SwitchyardError persist.refused */
export const putValues = (text: string | undefined, values: JsonObject, title: string): string =>
  render(laidOver(objectOf(text, title), values), text);

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
export const takeValues = (text: string, before: string | undefined, after: string, title: string): string =>
  render(takenBack(objectOf(text, title), objectOf(before, title), objectOf(after, title)), text);
