/** Attempts of a turn as they lie in the database: lists without names, what is mostly missing at the end. */
import type { AttemptRecord, TurnTokens } from "../record.ts";

type Packed = [
  target: string,
  key: string | null,
  result: string,
  status: number | null,
  duration: number,
  reason?: string | null,
  /** input, output, cache write, cache read, reasoning, cost. */
  used?: [number, number, number, number, number, number | null],
];

export const packAttempt = (attempt: AttemptRecord): Packed => {
  const { target, key, result, status, duration, reason, tokens, cost } = attempt;
  const packed: Packed = [target, key, result, status, duration];
  if (reason !== undefined || tokens !== undefined) packed.push(reason ?? null);
  if (tokens !== undefined) {
    const { input, output, cacheWrite, cacheRead, reasoning } = tokens;
    packed.push([input, output, cacheWrite, cacheRead, reasoning, cost ?? null]);
  }
  return packed;
};

export const unpackAttempts = (text: string): AttemptRecord[] =>
  (JSON.parse(text) as Packed[]).map(([target, key, result, status, duration, reason, used]) => ({
    target,
    key,
    result,
    status,
    duration,
    ...(typeof reason === "string" && { reason }),
    ...(used !== undefined && usedOf(used)),
  }));

const usedOf = ([input, output, cacheWrite, cacheRead, reasoning, cost]: NonNullable<Packed[6]>): {
  tokens: TurnTokens;
  cost: number | null;
} => ({ tokens: { input, output, cacheWrite, cacheRead, reasoning }, cost });
