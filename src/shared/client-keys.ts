/**
 * Client keys that were made with `switchyard keys` or on the dashboard: what is kept of each, and what changes it. A key is 256 random bits and is told
 * once; only its SHA-256 is kept. (A slow hash is for what people think up; of 256 random bits nothing can be guessed.)
 */
import { createHash, randomBytes } from "node:crypto";
import { SwitchyardError } from "./errors.ts";
import { isJsonObject, parseJsonObject } from "./json.ts";

export const budgetPeriods = ["day", "week", "month"] as const;
export type BudgetPeriod = (typeof budgetPeriods)[number];

export interface KeyBudget {
  /** US dollars. */
  readonly limit: number;
  readonly per: BudgetPeriod;
  /** IANA name: where midnight is. Left out: where the router runs, which is UTC in a container. */
  readonly timezone?: string;
}

/** What a key may do. Empty lists and nulls set no limit. */
export interface ClientKeyTerms {
  /** Names of targets, `*` standing for anything: `openrouter,*`. */
  readonly models: readonly string[];
  readonly profiles: readonly string[];
  readonly budget: KeyBudget | null;
  readonly requestsPerMinute: number | null;
  readonly tokensPerMinute: number | null;
  /** Whether it may read `/metrics`, which tells what everybody spends. */
  readonly metrics: boolean;
  /** As 2026-12-31T00:00:00.000Z. */
  readonly expiresAt: string | null;
}

export interface ClientKeyRecord extends ClientKeyTerms {
  readonly name: string;
  /** SHA-256 of the key, in hex. */
  readonly hash: string;
  /** Its last four characters. */
  readonly ending: string;
  readonly createdAt: string;
  /** Kept, so that with the last key revoked the router does not stand open. */
  readonly revokedAt: string | null;
  /** The key before the last rotation, and until when it is taken. */
  readonly former: { readonly hash: string; readonly until: string } | null;
}

export const hashOfKey = (key: string): string => createHash("sha256").update(key).digest("hex");

/** A name of letters, digits, `.`, `-`, `_` and `@`. */
const namePattern = /^[\p{L}\p{N}][\p{L}\p{N}.@_-]{0,63}$/u;

const isTime = (value: unknown): value is string =>
  typeof value === "string" && !Number.isNaN(Date.parse(value));
const isHash = (value: unknown): value is string => typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
const isCount = (value: unknown): value is number | null =>
  value === null || (Number.isInteger(value) && (value as number) > 0);
const isNames = (value: unknown): value is string[] =>
  Array.isArray(value) &&
  value.every((each) => typeof each === "string" && each !== "" && each.length <= 200);
const isZone = (value: unknown): boolean => {
  if (typeof value !== "string" || /^[+-]/.test(value)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: value }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
};
const isBudget = (value: unknown): boolean =>
  value === null ||
  (isJsonObject(value) &&
    typeof value["limit"] === "number" &&
    Number.isFinite(value["limit"]) &&
    value["limit"] > 0 &&
    budgetPeriods.some((each) => each === value["per"]) &&
    (value["timezone"] === undefined || isZone(value["timezone"])));

/** What each field of the terms must be: also for what comes over HTTP. */
const termChecks: Readonly<Record<keyof ClientKeyTerms, readonly [(value: unknown) => boolean, string]>> = {
  models: [isNames, "a list of names, as openrouter,*"],
  profiles: [isNames, "a list of names"],
  budget: [isBudget, "null, or {limit: US dollars, per: day, week or month, timezone: Europe/Berlin}"],
  requestsPerMinute: [isCount, "null, or a whole number from 1"],
  tokensPerMinute: [isCount, "null, or a whole number from 1"],
  metrics: [(value) => typeof value === "boolean", "true or false"],
  expiresAt: [(value) => value === null || isTime(value), "null, or a time as 2026-12-31T00:00:00Z"],
};

const noTerms: ClientKeyTerms = {
  models: [],
  profiles: [],
  budget: null,
  requestsPerMinute: null,
  tokensPerMinute: null,
  metrics: false,
  expiresAt: null,
};

/** Terms out of what a caller gives; what is left out sets no limit. @throws SwitchyardError client.keyInvalid */
export const readTerms = (given: Readonly<Record<string, unknown>>): ClientKeyTerms => {
  for (const [field, value] of Object.entries(given)) {
    const check = Object.hasOwn(termChecks, field) ? termChecks[field as keyof ClientKeyTerms] : undefined;
    if (check === undefined)
      throw new SwitchyardError("client.keyInvalid", {
        detail: `${field}: a key has no such field; it has name, ${Object.keys(termChecks).join(", ")}`,
        hint: "",
      });
    if (!check[0](value))
      throw new SwitchyardError("client.keyInvalid", { detail: `${field}: expected ${check[1]}`, hint: "" });
  }
  return { ...noTerms, ...given };
};

const isRecord = (value: unknown): value is ClientKeyRecord => {
  if (!isJsonObject(value)) return false;
  const { name, hash, ending, createdAt, revokedAt, former } = value;
  const terms = Object.entries(termChecks).every(([field, [fits]]) => fits(value[field]));
  const isFormer =
    former === null || (isJsonObject(former) && isHash(former["hash"]) && isTime(former["until"]));
  return (
    terms &&
    isFormer &&
    typeof name === "string" &&
    isHash(hash) &&
    typeof ending === "string" &&
    isTime(createdAt) &&
    (revokedAt === null || isTime(revokedAt))
  );
};

/** The keys of a file's text. @throws SwitchyardError state.unusable: a file that is not understood must not open the router */
export const parseClientKeys = (text: string | undefined, file: string): readonly ClientKeyRecord[] => {
  if (text === undefined) return [];
  const given = parseJsonObject(text)?.["keys"];
  // A key of before a term was there: it sets no limit, and allows nothing more.
  const keys = Array.isArray(given)
    ? given.map((key: unknown) => (isJsonObject(key) ? { ...noTerms, ...key } : key))
    : undefined;
  if (keys?.every(isRecord) === true) return keys;
  throw new SwitchyardError("state.unusable", {
    detail: `${file} is no file of client keys`,
    hint: "Put a good copy there, or remove it and make the keys anew: switchyard keys create NAME.",
  });
};

export const clientKeysText = (keys: readonly ClientKeyRecord[]): string =>
  `${JSON.stringify({ version: 1, keys }, null, 2)}\n`;

/** A change of the list, and the key that came of it: it is told once. */
export interface KeyChange {
  readonly keys: readonly ClientKeyRecord[];
  readonly record: ClientKeyRecord;
  readonly key: string;
}

const makeKey = (): { key: string; hash: string; ending: string } => {
  const key = `swk-${randomBytes(32).toString("base64url")}`;
  return { key, hash: hashOfKey(key), ending: key.slice(-4) };
};

const find = (keys: readonly ClientKeyRecord[], name: string): ClientKeyRecord => {
  const found = keys.find((each) => each.name === name);
  if (found !== undefined && found.revokedAt === null) return found;
  const known = keys.filter(({ revokedAt }) => revokedAt === null).map((each) => each.name);
  throw new SwitchyardError("client.unknownKey", {
    detail: found === undefined ? name : `${name} was revoked at ${found.revokedAt ?? ""}`,
    hint:
      known.length === 0 ? "There is none: switchyard keys create NAME." : `There are: ${known.join(", ")}.`,
  });
};

/** @param now milliseconds since the epoch @throws SwitchyardError client.keyInvalid: the name is taken, or is none */
export const createClientKey = (
  keys: readonly ClientKeyRecord[],
  name: string,
  terms: ClientKeyTerms,
  now: number,
): KeyChange => {
  if (!namePattern.test(name))
    throw new SwitchyardError("client.keyInvalid", {
      detail: "name: expected up to 64 letters, digits, `.`, `-`, `_` and `@`",
      hint: "",
    });
  if (keys.some((each) => each.name === name && each.revokedAt === null))
    throw new SwitchyardError("client.keyInvalid", {
      detail: `name: there is a key ${name} already`,
      hint: "Take another name, or: switchyard keys rotate NAME.",
    });
  if (terms.expiresAt !== null && Date.parse(terms.expiresAt) <= now)
    throw new SwitchyardError("client.keyInvalid", {
      detail: "expiresAt: expected a time to come",
      hint: "",
    });
  const { key, hash, ending } = makeKey();
  const createdAt = new Date(now).toISOString();
  const record: ClientKeyRecord = { name, hash, ending, createdAt, revokedAt: null, former: null, ...terms };
  return { keys: [...keys.filter((each) => each.name !== name), record], record, key };
};

/** @throws SwitchyardError client.unknownKey */
export const revokeClientKey = (
  keys: readonly ClientKeyRecord[],
  name: string,
  now: number,
): { keys: readonly ClientKeyRecord[]; record: ClientKeyRecord } => {
  const record = { ...find(keys, name), revokedAt: new Date(now).toISOString(), former: null };
  return { keys: keys.map((each) => (each.name === name ? record : each)), record };
};

/** A new key of the same name and terms. @param grace milliseconds for which the one before is still taken */
export const rotateClientKey = (
  keys: readonly ClientKeyRecord[],
  name: string,
  grace: number,
  now: number,
): KeyChange => {
  const old = find(keys, name);
  const { key, hash, ending } = makeKey();
  const former = grace > 0 ? { hash: old.hash, until: new Date(now + grace).toISOString() } : null;
  const record = { ...old, hash, ending, former };
  return { keys: keys.map((each) => (each.name === name ? record : each)), record, key };
};
