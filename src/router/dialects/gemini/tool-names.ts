/**
 * Names of functions as Google takes them: a letter or an underscore first, then letters, digits and `_.:-`, 64 characters at most.
 * The client's may be longer (`mcp__server__tool`). A name that does not fit is shortened and ends in a digest of itself, the same in every turn;
 * on the way back the request of the answer tells which name it was, so that no store is needed.
 */
import type { MessagesRequest } from "../../../protocol/anthropic.ts";
import { digestOf } from "../shared/origin.ts";

const longest = 64;
const fitting = /^[A-Za-z_][A-Za-z0-9_.:-]{0,63}$/;

export const toProviderName = (name: string): string => {
  if (fitting.test(name)) return name;
  const plain = name.replaceAll(/[^A-Za-z0-9_.:-]/g, "_");
  const led = /^[A-Za-z_]/.test(plain) ? plain : `_${plain}`;
  return `${led.slice(0, longest - 9)}_${digestOf(name, 8)}`;
};

/** The client's names of the functions that were renamed, by the provider's. */
export const renamedTools = (request: MessagesRequest | undefined): ReadonlyMap<string, string> => {
  const renamed = new Map<string, string>();
  for (const { name } of request?.tools ?? []) {
    if (typeof name !== "string") continue;
    const sent = toProviderName(name);
    if (sent !== name) renamed.set(sent, name);
  }
  return renamed;
};
