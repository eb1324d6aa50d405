/** How much a key was used: in the minute that slides along, for what a provider allows it, and of late, for an even spread. */
import type { StateTables } from "../state/state.ts";
import { counters, type Lease, leases, nameOf, type Second, type Usage, usages } from "./tables.ts";
import type { KeyTerms } from "./terms.ts";

const minute = 60_000;
/** After an hour what was used counts half. */
const halfLife = 3_600_000;
/** A key that nobody used for a day is a new one. */
const forgetAfter = 24 * 3_600_000;
/** How long to wait for the end of a call before asking again. */
const askAgain = 250;

const unused: Usage = { seconds: [], last: 0, owed: 0, used: 0, usedAt: 0 };

/**
 * When what was asked in a second counts no more: a minute after the end of that second, so that no span of a minute ever holds more than the limit.
 */
const countsUntil = ([second]: Second): number => (second + 1) * 1_000 + minute;

/** Those that count. What lies ahead was written before the clock was set back: it counts as of now. */
const inLastMinute = (seconds: readonly Second[], now: number): readonly Second[] => {
  const current = Math.floor(now / 1_000);
  const [first, last] = [seconds[0], seconds.at(-1)];
  // In order, as they are: with each turn this is asked several times, and mostly nothing has gone since.
  if (first === undefined || (countsUntil(first) > now && last![0] <= current)) return seconds;
  const ahead = seconds.filter(([second]) => second > current);
  const live = seconds.filter((each) => each[0] <= current && countsUntil(each) > now);
  return ahead.reduce<readonly Second[]>(
    (all, [, requests, tokens]) => add(all, current, requests, tokens),
    live,
  );
};

/** Adds to a second of the list; negative figures take away, never below nothing. */
const add = (
  seconds: readonly Second[],
  second: number,
  requests: number,
  tokens: number,
): readonly Second[] => {
  const last = seconds.at(-1);
  if (last?.[0] === second)
    return seconds.with(seconds.length - 1, [
      second,
      Math.max(0, last[1] + requests),
      Math.max(0, last[2] + tokens),
    ]);
  const found = seconds.find(([each]) => each === second);
  const sum: Second = [
    second,
    Math.max(0, (found?.[1] ?? 0) + requests),
    Math.max(0, (found?.[2] ?? 0) + tokens),
  ];
  return [...seconds.filter((each) => each !== found), sum].toSorted((a, b) => a[0] - b[0]);
};

const sumOf = (seconds: readonly Second[]): { requests: number; tokens: number } => {
  const sum = { requests: 0, tokens: 0 };
  for (const [, requests, tokens] of seconds) {
    sum.requests += requests;
    sum.tokens += tokens;
  }
  return sum;
};

/** A key's use as it stands now. */
export const usageOf = (tables: StateTables, provider: string, key: string, now: number): Usage => {
  const usage = tables.of(usages).get(nameOf(provider, key)) ?? unused;
  const age = Math.max(0, now - usage.usedAt);
  return {
    ...usage,
    seconds: inLastMinute(usage.seconds, now),
    used: usage.used * 0.5 ** (age / halfLife),
    usedAt: now,
  };
};

export const saveUsage = (
  tables: StateTables,
  provider: string,
  key: string,
  usage: Usage,
  now: number,
): void => tables.of(usages).set(nameOf(provider, key), usage, now + forgetAfter);

/** Requests and tokens of the last minute, as they are held against the limits. */
export const usedThisMinute = (usage: Usage): { requests: number; tokens: number } => sumOf(usage.seconds);

/** Calls in flight by key id. */
export const inFlightOf = (tables: StateTables, provider: string): ReadonlyMap<string, number> =>
  tables.of(leases).sumsOf(provider);

/**
 * When a key's limits let one more call through: `now` where they do at once, milliseconds since the epoch.
 * @param tokens of that call; more than the limit count as the limit: alone it is let through, for the provider to judge
 */
export const limitedUntil = (
  terms: KeyTerms,
  usage: Usage,
  inFlight: number,
  tokens: number,
  now: number,
): number => {
  const { requestsPerMinute = Infinity, tokensPerMinute = Infinity, concurrent = Infinity } = terms;
  let until = inFlight < concurrent ? now : now + askAgain;
  const sum = sumOf(usage.seconds);
  const wanted = Math.min(tokens, tokensPerMinute);
  for (const second of usage.seconds) {
    if (sum.requests + 1 <= requestsPerMinute && sum.tokens + wanted <= tokensPerMinute) break;
    sum.requests -= second[1];
    sum.tokens -= second[2];
    until = Math.max(until, countsUntil(second));
  }
  return until;
};

const nextLease = (tables: StateTables): number => {
  const number = (tables.of(counters).get("leases") ?? 0) + 1;
  tables.of(counters).set("leases", number, Infinity);
  return number;
};

/** Writes down that a call was let through. @returns the lease's id */
export const beginUse = (tables: StateTables, lease: Lease, expiresAt: number): string => {
  const number = nextLease(tables);
  // With the time: of a router that was killed the last numbers may come again, and another's call must not be given back by them.
  const id = `lease ${lease.at}.${number}`;
  tables.of(leases).set(id, lease, expiresAt);
  countUse(tables, lease, number);
  return id;
};

/** A call is counted. @param number of the lease; undefined: it was let through elsewhere, and gets the next */
export const countUse = (tables: StateTables, lease: Lease, number = nextLease(tables)): void => {
  const usage = usageOf(tables, lease.provider, lease.key, lease.at);
  const second = Math.floor(lease.at / 1_000);
  saveUsage(
    tables,
    lease.provider,
    lease.key,
    {
      ...usage,
      seconds: add(usage.seconds, second, 1, lease.tokens),
      last: number,
      used: usage.used + lease.tokens,
    },
    lease.at,
  );
};

/**
 * Puts the provider's own count in the estimate's place. What is more counts from now on: the tokens of the answer came later.
 * @param tokens 0 where the provider did not say
 */
export const correctUse = (tables: StateTables, lease: Lease, tokens: number, now: number): void => {
  const more = tokens - lease.tokens;
  if (tokens <= 0 || more === 0) return;
  const usage = usageOf(tables, lease.provider, lease.key, now);
  const taken = Math.floor(lease.at / 1_000);
  const stillCounts = usage.seconds.some(([second]) => second === taken);
  let { seconds } = usage;
  if (more > 0) seconds = add(seconds, Math.floor(now / 1_000), 0, more);
  else if (stillCounts) seconds = add(seconds, taken, 0, more);
  saveUsage(
    tables,
    lease.provider,
    lease.key,
    { ...usage, seconds, used: Math.max(0, usage.used + more) },
    now,
  );
};
