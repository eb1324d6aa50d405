/** A turn as one line of the journal. Routers that share a journal append to it at the same time: up to 4 KB a line comes out whole. */
import { isJsonObject, parseJsonObject, type JsonObject } from "../../shared/json.ts";
import type { AttemptRecord, TurnRecord, TurnTokens } from "./record.ts";

/** A turn as it is kept: long names are cut, and of very many attempts the middle is left out. */
export interface KeptTurn extends TurnRecord {
  /** All that were made, those that are left out included. */
  readonly attemptCount: number;
}

/** Bytes of the longest line, with its line feeds. */
const longest = 4_000;
/** Ever smaller bounds, the last of which always fits: characters of a name, attempts. */
const bounds = [
  { name: 300, attempts: 24 },
  { name: 100, attempts: 8 },
  { name: 30, attempts: 2 },
] as const;
/** No turn has that many: a provider that reports more is not believed. */
const mostTokens = 1e10;

/** SQLite ends a text at NUL, and half of a surrogate pair is no text. */
const clean = (text: string, most: number): string => {
  const whole = text.length > most ? `${text.slice(0, most - 1)}…` : text;
  return whole.toWellFormed().replaceAll("\0", "\u{fffd}");
};

const shortened = (record: TurnRecord, name: number, most: number): JsonObject => {
  const cut = (text: string): string => clean(text, name);
  const cutIf = (text: string | null): string | null => (text === null ? null : cut(text));
  const { attempts } = record;
  const head = Math.ceil(most / 2);
  const kept =
    attempts.length <= most
      ? attempts
      : [...attempts.slice(0, head), ...attempts.slice(attempts.length - (most - head))];
  return {
    ...record,
    id: cut(record.id),
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
    })),
    ...(kept.length < attempts.length && { attemptCount: attempts.length }),
  };
};

/**
 * The line of a turn, at most 4,000 bytes. It begins with a line feed too: half a line that a full disk or a killed process left behind then
 * spoils itself alone.
 */
export const encodeTurn = (record: TurnRecord): Buffer => {
  let line = Buffer.alloc(0);
  for (const { name, attempts } of bounds) {
    line = Buffer.from(`\n${JSON.stringify(shortened(record, name, attempts))}\n`);
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

const attemptOf = (value: unknown): AttemptRecord[] =>
  isJsonObject(value)
    ? [
        {
          target: text(value["target"]) ?? "",
          key: textOrNull(value["key"]),
          result: text(value["result"]) ?? "",
          status: numberOrNull(value["status"]),
          duration: number(value["duration"]) ?? 0,
        },
      ]
    : [];

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
  const attempts = Array.isArray(given["attempts"]) ? given["attempts"].flatMap(attemptOf) : [];
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
    firstToken: numberOrNull(given["firstToken"]),
    duration: number(given["duration"]) ?? 0,
    outcome,
    status: Math.round(number(given["status"]) ?? 0),
    error: textOrNull(given["error"]),
  };
};
