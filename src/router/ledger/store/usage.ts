/** Answers about usage, made of sums. */
import type { StatementSync } from "node:sqlite";
import type {
  Range,
  SeriesAnswer,
  SeriesPoint,
  SeriesQuery,
  UsageAnswer,
  UsageQuery,
  UsageRow,
} from "../queries.ts";
import { daysOf, type Day } from "./days.ts";
import { latencyOf, latencyTargets, readLatencies } from "./latencies.ts";
import { total, usageOf, type Sums, type SumReader } from "./sums.ts";
import { shownIn } from "../../keys/schedule.ts";

const mostRows = 1_000;

const machineZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;
const shown = (instant: number | undefined): string | null =>
  instant === undefined ? null : new Date(instant).toISOString();

const rowOf = (name: string | null, sums: Sums): UsageRow => ({ name, ...usageOf(sums) });

const allTokens = (sums: Sums): number => sums.input + sums.output + sums.cache_write + sums.cache_read;

/** The days of a range in which there may be turns. */
const daysIn = (reader: SumReader, range: Range, timezone: string): Day[] => {
  const extent = reader.extent();
  if (extent === undefined) return [];
  const from = Math.max(extent.from, range.since ?? extent.from);
  return daysOf(from, Math.min(extent.until, range.until ?? extent.until), timezone);
};

interface Group {
  /** Looked up for those that are shown alone. */
  readonly name: () => string | null;
  readonly sums: Sums;
}

const groups = (reader: SumReader, query: UsageQuery, timezone: string): Group[] => {
  const { by, filter } = query;
  if (by === "day") {
    return daysIn(reader, query, timezone).flatMap(({ name, from, until }) => {
      const sums = reader.by(undefined, { since: from, until }, filter).get(null);
      return sums === undefined ? [] : [{ name: () => name, sums }];
    });
  }
  const all =
    by === "session"
      ? [...reader.byId(by, query, filter)].map(([id, sums]) => ({ name: () => reader.nameOf(by, id), sums }))
      : [...reader.by(by, query, filter)].map(([name, sums]) => ({ name: () => name, sums }));
  return all.toSorted((a, b) => allTokens(b.sums) - allTokens(a.sums) || b.sums.turns - a.sums.turns);
};

export const usage = (reader: SumReader, ledger: string, query: UsageQuery): UsageAnswer => {
  const timezone = query.timezone ?? machineZone();
  const all = groups(reader, query, timezone);
  const limit = Math.min(mostRows, query.limit ?? mostRows);
  // Of days the last ones.
  const kept = query.by === "day" ? all.slice(-limit) : all.slice(0, limit);
  return {
    ledger,
    by: query.by,
    timezone,
    since: shown(query.since),
    until: shown(query.until),
    rows: kept.map(({ name, sums }) => rowOf(name(), sums)),
    more: all.length - kept.length,
    total: usageOf(total(all.map(({ sums }) => sums))),
  };
};

/** Points of the same time are asked for once. */
const withLatency = (reader: SumReader, query: SeriesQuery, points: readonly Spanned[]): SeriesPoint[] => {
  const { by, filter = {} } = query;
  const all = by === undefined && Object.values(filter).every((each) => each === undefined);
  const statementOf = (sql: string): StatementSync => reader.statement(sql);
  const only = all ? undefined : reader.conditions(filter);
  const targets = only === undefined ? undefined : latencyTargets(statementOf, only);
  const bySpan = Map.groupBy(points, ({ from }) => from);
  return [...bySpan.values()].flatMap((same) => {
    const { from: since, until } = same[0]!;
    const found = [...readLatencies(statementOf, { since, until }, targets)];
    return same.map(({ point }) => ({
      ...point,
      latency: latencyOf(
        found
          .filter(([id]) => by === undefined || reader.nameOf(by, id) === point.name)
          .map(([, each]) => each),
      ),
    }));
  });
};

interface Spanned {
  readonly point: SeriesPoint;
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly until: number;
}

const hour = 3_600_000;

export const series = (reader: SumReader, query: SeriesQuery): SeriesAnswer => {
  const timezone = query.timezone ?? machineZone();
  const { step, by, filter } = query;
  const points: Spanned[] =
    step === "hour"
      ? reader.hours(by, query, filter).map(({ at, name, sums }) => ({
          point: {
            at: new Date(at).toISOString(),
            day: shownIn(timezone, at).date,
            ...rowOf(name, sums),
          },
          from: at,
          until: at + hour,
        }))
      : daysIn(reader, query, timezone).flatMap(({ name: day, start, from, until }) =>
          [...reader.by(by, { since: from, until }, filter)].map(([name, sums]) => ({
            point: { at: new Date(start).toISOString(), day, ...rowOf(name, sums) },
            from,
            until,
          })),
        );
  const answered =
    query.percentiles === true ? withLatency(reader, query, points) : points.map(({ point }) => point);
  return { step, timezone, points: answered };
};
