/** The head of an answer of a provider that speaks Anthropic's form without being Anthropic. */
import type { JsonObject } from "../../../shared/json.ts";
import { textOf } from "./blocks.ts";

/**
 * Id and model, where they are of use. Only an id of Anthropic's form is kept: a server in between passes on those of the providers behind it,
 * which repeat with some, and the client joins messages of equal ids into one.
 */
export const headOf = (message: JsonObject): { id?: string; model?: string } => {
  const id = textOf(message["id"]);
  const model = textOf(message["model"]);
  return { ...(id.startsWith("msg_") && { id }), ...(model !== "" && { model }) };
};
