/** References inside of a JSON Schema. */
import { isJsonObject, type JsonObject } from "../../../shared/json.ts";

/** What a reference within the document points at (`#`, `#/$defs/Name`); undefined for all others. */
export const targetOf = (root: JsonObject, ref: string): unknown => {
  if (ref === "#") return root;
  if (!ref.startsWith("#/")) return undefined;
  let at: unknown = root;
  for (const token of ref.slice(2).split("/")) {
    const name = decoded(token).replaceAll("~1", "/").replaceAll("~0", "~");
    if (Array.isArray(at)) at = at[Number(name)] as unknown;
    else if (isJsonObject(at) && Object.hasOwn(at, name)) at = at[name];
    else return undefined;
  }
  return at;
};

/** A part of a reference as it is meant; it stands in an address, and may be escaped. */
export const decoded = (token: string): string => {
  try {
    return decodeURIComponent(token);
  } catch {
    return token;
  }
};
