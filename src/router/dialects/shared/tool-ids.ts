/**
 * Ids of tool calls, there and back, without a store.
 *
 * Providers send ids that Anthropic would refuse when the conversation is replayed to it (`functions.Bash:0`), or that repeat from turn to
 * turn (`0`, `functions.Bash:0`), which the client takes for one and the same call. Such an id travels to the client as
 * `sy_<provider><salt>_<escaped id>`. Its provider gets it back as it was; any other gets the client's, which no other call bears. All other
 * ids are kept, whatever their length. The salt is drawn once, when the call is made: what is sent again is the same in every turn.
 */
import { createHash, randomBytes } from "node:crypto";
import type { Quirks } from "../../../config/types.ts";
import { digestOf } from "./origin.ts";

const prefix = "sy_";
const fitting = /^[A-Za-z0-9_-]+$/;
const barelyNumber = /^\d{1,6}$/;
/** Provider (4 hex digits), salt (8), the id. */
const wrapped = /^sy_([0-9a-f]{4})[0-9a-f]{8}_(.*)$/s;

/** Whose id it is, or who is to get it: the provider of a `DialectContext`. */
export interface ToolIdOwner {
  readonly provider: { readonly name: string; readonly quirks: Readonly<Quirks> };
}

const tagOf = (owner: ToolIdOwner): string => digestOf(owner.provider.name, 4);

/** An id for a call whose provider gave none. */
export const newToolId = (): string => `call_${randomBytes(12).toString("hex")}`;

/** The id that the client sees. @param owner the provider that gave it */
export const toClientToolId = (id: string, owner: ToolIdOwner): string => {
  if (fitting.test(id) && !barelyNumber.test(id) && !id.startsWith(prefix)) return id;
  const escaped = id.replaceAll(/[^A-Za-z0-9_]/g, (character) => `-${character.charCodeAt(0).toString(16)}-`);
  return `${prefix}${tagOf(owner)}${randomBytes(4).toString("hex")}_${escaped}`;
};

/**
 * The id that a provider gave, from the one that the client sends.
 * @param owner only ids of this provider are unwrapped; without it, all
 */
export const fromClientToolId = (id: string, owner?: ToolIdOwner): string => {
  const match = wrapped.exec(id);
  if (match === null || (owner !== undefined && match[1] !== tagOf(owner))) return id;
  return match[2]!.replaceAll(/-([0-9a-f]+)-/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
};

/** Whether a provider takes an id as it is. */
export const fitsProvider = (
  id: string,
  { toolIdLength: length, toolIdAlphanumeric }: Readonly<Quirks>,
): boolean =>
  toolIdAlphanumeric === true
    ? /^[A-Za-z0-9]+$/.test(id) && (length === undefined || id.length === length)
    : length === undefined || id.length <= length;

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/**
 * The id as the provider takes it. With `toolIdLength` an id that is too long, and with `toolIdAlphanumeric` also one that has other
 * characters or another length (Mistral takes exactly nine letters and digits), becomes a hash of the client's id: the same for a call and its
 * result, in every turn, and another for every other call.
 */
export const toProviderToolId = (clientId: string, owner: ToolIdOwner): string => {
  const id = fromClientToolId(clientId, owner);
  if (fitsProvider(id, owner.provider.quirks)) return id;
  const { toolIdLength: length } = owner.provider.quirks;
  const hash = createHash("sha256").update(clientId).digest();
  let short = "";
  for (let i = 0; i < Math.min(length ?? 32, 32); i++) short += alphabet.charAt(hash[i]! % alphabet.length);
  return short;
};
