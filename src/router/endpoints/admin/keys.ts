/** Client keys: `GET|POST /api/keys`, `POST /api/keys/revoke`, `POST /api/keys/rotate`. A key is told once, when it is made. */
import { knownProfile } from "../../../config/known-profile.ts";
import {
  type ClientKeyRecord,
  createClientKey,
  type KeyChange,
  readTerms,
  revokeClientKey,
  rotateClientKey,
} from "../../../shared/client-keys.ts";
import { SwitchyardError } from "../../../shared/errors.ts";
import { isJsonObject } from "../../../shared/json.ts";
import { viewBudgets } from "../../budgets/view.ts";
import { viewArgs } from "../../budgets/view-args.ts";
import { viewAllowances } from "../../clients/allowance.ts";
import { madeKeyId } from "../../../shared/client-key.ts";
import { rawBodyOf, type Handler, type RouterContext } from "../context.ts";
import { parseBody } from "../validate.ts";

/** A key as it may be shown. */
export interface ShownKey extends Omit<ClientKeyRecord, "hash" | "former"> {
  readonly state: "valid" | "expired" | "revoked";
  /** Until when the one before its last rotation is taken; null: it is not. */
  readonly formerUntil: string | null;
}

export const shownKey = ({ hash: _hash, former, ...rest }: ClientKeyRecord, now: number): ShownKey => {
  const expired = rest.expiresAt !== null && Date.parse(rest.expiresAt) <= now;
  return {
    ...rest,
    state: rest.revokedAt !== null ? "revoked" : expired ? "expired" : "valid",
    formerUntil: former !== null && Date.parse(former.until) > now ? former.until : null,
  };
};

export const listKeys = (context: RouterContext): Handler =>
  async function handleListKeys(_request, reply) {
    const records = context.clients.list();
    const used = await context.state.call(viewAllowances, {
      clients: records.map(({ name }) => madeKeyId(name)),
    });
    const budgets = await context.state.call(viewBudgets, viewArgs(context.config, records));
    const now = Date.now();
    return reply.send({
      /** Those of the configuration: they are changed there. */
      configured: context.config.server.clientKeys.length,
      keys: records.map((record, i) => ({
        ...shownKey(record, now),
        lastMinute: used[i],
        spent: budgets.find(({ budget }) => budget === `/key ${record.name}`)?.spent ?? null,
      })),
    });
  };

const readNamed = (body: Buffer | undefined): { name: string; rest: Record<string, unknown> } => {
  const given = parseBody(body);
  const { name, ...rest } = isJsonObject(given) ? given : {};
  if (typeof name === "string") return { name, rest };
  throw new SwitchyardError("request.malformed", { detail: "name: a text was expected", hint: "" });
};

const told = ({ record, key }: KeyChange): { key: string; record: ShownKey } => ({
  key,
  record: shownKey(record, Date.now()),
});

export const createKey = (context: RouterContext): Handler =>
  async function handleCreateKey(request, reply) {
    const { name, rest } = readNamed(rawBodyOf(request));
    const terms = readTerms(rest);
    // One that there is not may be used by nobody: the key would open nothing, and nobody would know why.
    for (const profile of terms.profiles) knownProfile(profile, context.config);
    const made = await context.clients.change((keys) => createClientKey(keys, name, terms, Date.now()));
    context.log.info({ code: "keys.created", name }, "a client key was made");
    return reply.send(told(made));
  };

export const revokeKey = (context: RouterContext): Handler =>
  async function handleRevokeKey(request, reply) {
    const { name } = readNamed(rawBodyOf(request));
    const { record } = await context.clients.change((keys) => revokeClientKey(keys, name, Date.now()));
    context.log.info({ code: "keys.revoked", name }, "a client key was revoked");
    return reply.send({ record: shownKey(record, Date.now()) });
  };

/** A month at the most: a key that was rotated is to end. */
const longestGrace = 31 * 24 * 3_600_000;

export const rotateKey = (context: RouterContext): Handler =>
  async function handleRotateKey(request, reply) {
    const { name, rest } = readNamed(rawBodyOf(request));
    const { grace = 0 } = rest;
    if (typeof grace !== "number" || !(grace >= 0 && grace <= longestGrace))
      throw new SwitchyardError("request.malformed", {
        detail: `grace: expected milliseconds, at most ${longestGrace}`,
        hint: "",
      });
    const made = await context.clients.change((keys) => rotateClientKey(keys, name, grace, Date.now()));
    context.log.info({ code: "keys.rotated", name }, "a client key was replaced by a new one");
    return reply.send(told(made));
  };
