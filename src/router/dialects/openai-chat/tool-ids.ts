/**
 * Ids of tool calls, there and back, without a store.
 *
 * Providers send ids that Anthropic would refuse when the conversation is replayed to it (`functions.Bash:0`), or that repeat from turn to
 * turn (`0`, `functions.Bash:0`), which the client takes for one and the same call. Such an id travels to the client as
 * `sy_<salt>_<escaped id>` and goes back to a provider as it was. All other ids are kept, whatever their length.
 */
import { createHash, randomBytes } from "node:crypto";
import type { Quirks } from "../../../config/types.ts";

const prefix = "sy_";
const fitting = /^[A-Za-z0-9_-]+$/;
const barelyNumber = /^\d{1,6}$/;
const wrapped = /^sy_[0-9a-f]{8}_(.*)$/s;
const salt = (): string => randomBytes(4).toString("hex");

/** An id for a call whose provider gave none. */
export const newToolId = (): string => `call_${randomBytes(12).toString("hex")}`;

/** The id that the client sees. */
export const toClientToolId = (id: string): string => {
  if (fitting.test(id) && !barelyNumber.test(id) && !id.startsWith(prefix)) return id;
  const escaped = id.replaceAll(/[^A-Za-z0-9_]/g, (character) => `-${character.charCodeAt(0).toString(16)}-`);
  return `${prefix}${salt()}_${escaped}`;
};

/** The id that the provider gave, from the one that the client sends. */
export const fromClientToolId = (id: string): string => {
  const match = wrapped.exec(id);
  if (match === null) return id;
  return match[1]!.replaceAll(/-([0-9a-f]+)-/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
};

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/**
 * The id as the provider takes it. With `toolIdLength` an id that is too long, and with `toolIdAlphanumeric` also one that has other
 * characters or another length (Mistral takes exactly nine letters and digits), becomes a hash of itself: the same for a call and its result.
 */
export const toProviderToolId = (clientId: string, quirks: Quirks): string => {
  const id = fromClientToolId(clientId);
  const length = quirks.toolIdLength;
  if (quirks.toolIdAlphanumeric) {
    if (/^[A-Za-z0-9]+$/.test(id) && (length === undefined || id.length === length)) return id;
  } else if (length === undefined || id.length <= length) return id;
  const hash = createHash("sha256").update(id).digest();
  let short = "";
  for (let i = 0; i < Math.min(length ?? 32, 32); i++) short += alphabet.charAt(hash[i]! % alphabet.length);
  return short;
};
