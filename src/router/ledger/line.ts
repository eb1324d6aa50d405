/** A turn as one line of the journal. Routers that share a journal append to it at the same time: up to 4 KB a line comes out whole. */
import { isJsonObject, parseJsonObject, type JsonObject } from "../../shared/json.ts";
import { plusSpent } from "./record.ts";
import type { AttemptRecord, SkippedTarget, Spent, TurnRecord, TurnTokens, WhyStep } from "./record.ts";

/** A turn as it is kept: long names are cut, and of very many attempts the middle is left out. */
export interface KeptTurn extends TurnRecord {
  /** All that were made, those that are left out included. */
  readonly attemptCount: number;
}

/** Bytes of the longest line, with its line feeds. */
const longest = 4_000;
/** Ever smaller bounds, the last of which always fits: characters of a name or a reason, entries of each list. */
const bounds = [
  { name: 300, attempts: 24, why: 24, skipped: 24, spent: 24 },
  { name: 150, attempts: 12, why: 16, skipped: 12, spent: 8 },
  { name: 60, attempts: 6, why: 8, skipped: 4, spent: 3 },
  { name: 20, attempts: 2, why: 1, skipped: 1, spent: 2 },
] as const;
type Bounds = (typeof bounds)[number];
const longestId = 40;
/** No turn has that many: a provider that reports more is not believed. */
const mostTokens = 1e10;

/** SQLite ends a text at NUL, and half of a surrogate pair is no text. */
const clean = (text: string, most: number): string => {
  const whole = text.length > most ? `${text.slice(0, most - 1)}…` : text;
  return whole.toWellFormed().replaceAll("\0", "\u{fffd}");
};

/** The first and the last of a list that is too long. */
const ends = <Item>(all: readonly Item[], most: number): readonly Item[] => {
  const head = Math.floor(most / 2);
  return all.length <= most ? all : [...all.slice(0, head), ...all.slice(all.length - (most - head))];
};

/** Of very many targets the last become one: not a token is lost. */
const fewer = (all: readonly Spent[], most: number): readonly Spent[] =>
  all.length <= most ? all : [...all.slice(0, most - 1), all.slice(most - 1).reduce(plusSpent)];

const shortened = (record: TurnRecord, most: Bounds): JsonObject => {
  const cut = (text: string): string => clean(text, most.name);
  const cutIf = (text: string | null): string | null => (text === null ? null : cut(text));
  const { attempts, why, skipped, spent } = record;
  const kept = ends(attempts, most.attempts);
  return {
    ...record,
    // The router's own, and what it is asked for by.
    id: clean(record.id, longestId),
    session: cutIf(record.session),
    agent: cutIf(record.agent),
    profile: cutIf(record.profile),
    clientKey: cutIf(record.clientKey),
    asked: cut(record.asked),
    rule: cut(record.rule),
    target: cut(record.target),
    error: cutIf(record.error),
    attempts: kept.map((each) => ({
      ...each,
      target: cut(each.target),
      key: cutIf(each.key),
      result: cut(each.result),
      ...(each.reason !== undefined && { reason: cut(each.reason) }),
    })),
    ...(why !== undefined && {
      // The one that matched is the last.
      why: why
        .slice(-most.why)
        .map(({ rule, matched, reason }) => ({ rule: cut(rule), matched, reason: cut(reason) })),
    }),
    ...(skipped !== undefined && {
      skipped: ends(skipped, most.skipped).map(({ target, reason }) => ({
        target: cut(target),
        reason: cut(reason),
      })),
    }),
    ...(spent !== undefined && {
      spent: fewer(spent, most.spent).map((each) => ({ ...each, target: cut(each.target) })),
    }),
    ...(kept.length < attempts.length && { attemptCount: attempts.length }),
  };
};

const isShort = (text: string | null | undefined): boolean =>
  text === null || text === undefined || text.length <= bounds[0].name;

/** Nothing of it is to be cut, by the first of the bounds: nearly every turn. */
const fits = (record: TurnRecord): boolean => {
  const { attempts, why = [], skipped = [], spent = [] } = record;
  return (
    record.id.length <= longestId &&
    isShort(record.session) &&
    isShort(record.agent) &&
    isShort(record.profile) &&
    isShort(record.clientKey) &&
    isShort(record.asked) &&
    isShort(record.rule) &&
    isShort(record.target) &&
    isShort(record.error) &&
    attempts.length <= bounds[0].attempts &&
    attempts.every(
      ({ target, key, result, reason }) =>
        isShort(target) && isShort(key) && isShort(result) && isShort(reason),
    ) &&
    why.length <= bounds[0].why &&
    why.every(({ rule, reason }) => isShort(rule) && isShort(reason)) &&
    skipped.length <= bounds[0].skipped &&
    skipped.every(({ target, reason }) => isShort(target) && isShort(reason)) &&
    spent.length <= bounds[0].spent &&
    spent.every(({ target }) => isShort(target))
  );
};

/** NUL and halves of a pair, as JSON writes them; other control characters come with them. */
const unclean = String.raw`\u`;

/** The line of a turn as it is, without a copy of it; undefined where something is to be cut or cleaned. */
const lineAsItIs = (record: TurnRecord): Buffer | undefined => {
  if (!fits(record)) return undefined;
  const line = `\n${JSON.stringify(record)}\n`;
  if (line.includes(unclean)) return undefined;
  const bytes = Buffer.from(line);
  return bytes.length <= longest ? bytes : undefined;
};

/**
 * The line of a turn, at most 4,000 bytes. It begins with a line feed too: half a line that a full disk or a killed process left behind then
 * spoils itself alone.
 */
export const encodeTurn = (record: TurnRecord): Buffer => {
  const whole = lineAsItIs(record);
  if (whole !== undefined) return whole;
  let line = Buffer.alloc(0);
  for (const most of bounds) {
    line = Buffer.from(`\n${JSON.stringify(shortened(record, most))}\n`);
    if (line.length <= longest) break;
  }
  return line;
};

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
const textOrNull = (value: unknown): string | null => text(value) ?? null;
const number = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined;
const numberOrNull = (value: unknown): number | null => number(value) ?? null;
const count = (value: unknown): number => Math.min(mostTokens, Math.max(0, Math.round(number(value) ?? 0)));

const noTokens: TurnTokens = { input: 0, output: 0, cacheWrite: 0, cacheRead: 0, reasoning: 0 };
const tokensOf = (value: unknown): TurnTokens | null =>
  isJsonObject(value)
    ? {
        input: count(value["input"]),
        output: count(value["output"]),
        cacheWrite: count(value["cacheWrite"]),
        cacheRead: count(value["cacheRead"]),
        reasoning: count(value["reasoning"]),
      }
    : null;

const attemptOf = (value: JsonObject): AttemptRecord => {
  const tokens = tokensOf(value["tokens"]);
  const reason = text(value["reason"]);
  return {
    target: text(value["target"]) ?? "",
    key: textOrNull(value["key"]),
    result: text(value["result"]) ?? "",
    status: numberOrNull(value["status"]),
    duration: number(value["duration"]) ?? 0,
    ...(reason !== undefined && { reason }),
    ...(tokens !== null && { tokens, cost: numberOrNull(value["cost"]) }),
  };
};

const stepOf = (value: JsonObject): WhyStep => ({
  rule: text(value["rule"]) ?? "",
  matched: value["matched"] === true,
  reason: text(value["reason"]) ?? "",
});

const skippedOf = (value: JsonObject): SkippedTarget => ({
  target: text(value["target"]) ?? "",
  reason: text(value["reason"]) ?? "",
});

const spentOf = (value: JsonObject): Spent => ({
  target: text(value["target"]) ?? "",
  tokens: tokensOf(value["tokens"]) ?? noTokens,
  cost: numberOrNull(value["cost"]),
});

/** Undefined where there is no such list, as in what an older router wrote. */
const listOf = <Item>(value: unknown, itemOf: (value: JsonObject) => Item): Item[] | undefined =>
  Array.isArray(value) ? value.flatMap((each) => (isJsonObject(each) ? [itemOf(each)] : [])) : undefined;

const outcomes: readonly string[] = ["done", "failed", "cut", "aborted"] satisfies TurnRecord["outcome"][];
const isOutcome = (value: unknown): value is TurnRecord["outcome"] =>
  typeof value === "string" && outcomes.includes(value);

/** The turn of a line; undefined where it is none. */
export const decodeTurn = (line: string): KeptTurn | undefined => {
  const given = parseJsonObject(line);
  if (given === undefined) return undefined;
  const [id, at, target, outcome] = [
    text(given["id"]),
    number(given["at"]),
    text(given["target"]),
    given["outcome"],
  ];
  if (id === undefined || id === "" || at === undefined || target === undefined || !isOutcome(outcome))
    return undefined;
  const attempts = listOf(given["attempts"], attemptOf) ?? [];
  const why = listOf(given["why"], stepOf);
  const skipped = listOf(given["skipped"], skippedOf);
  const spent = listOf(given["spent"], spentOf);
  return {
    id,
    at: Math.round(at),
    session: textOrNull(given["session"]),
    agent: textOrNull(given["agent"]),
    profile: textOrNull(given["profile"]),
    clientKey: textOrNull(given["clientKey"]),
    // Only shown: a form that a newer router wrote passes.
    client: (text(given["client"]) ?? "") as TurnRecord["client"],
    asked: text(given["asked"]) ?? "",
    rule: text(given["rule"]) ?? "",
    target,
    attempts,
    attemptCount: Math.max(attempts.length, Math.round(number(given["attemptCount"]) ?? 0)),
    stream: given["stream"] === true,
    tokens: tokensOf(given["tokens"]),
    cost: numberOrNull(given["cost"]),
    ...(given["partial"] === true && { partial: true }),
    ...(why !== undefined && { why }),
    ...(skipped !== undefined && { skipped }),
    ...(spent !== undefined && { spent }),
    firstToken: numberOrNull(given["firstToken"]),
    duration: number(given["duration"]) ?? 0,
    outcome,
    status: Math.round(number(given["status"]) ?? 0),
    error: textOrNull(given["error"]),
  };
};
