/** The usage of several ledgers as one. */
import type { Usage, UsageAnswer, UsageRow } from "../../shared/usage.ts";

const mean = (a: number | null, turnsOfA: number, b: number | null, turnsOfB: number): number | null => {
  if (a === null || b === null) return a ?? b;
  return Math.round((a * turnsOfA + b * turnsOfB) / Math.max(1, turnsOfA + turnsOfB));
};

const plus = <Sums extends Usage>(a: Sums, b: Usage): Sums => ({
  ...a,
  turns: a.turns + b.turns,
  failed: a.failed + b.failed,
  cut: a.cut + b.cut,
  aborted: a.aborted + b.aborted,
  attempts: a.attempts + b.attempts,
  input: a.input + b.input,
  output: a.output + b.output,
  cacheWrite: a.cacheWrite + b.cacheWrite,
  cacheRead: a.cacheRead + b.cacheRead,
  reasoning: a.reasoning + b.reasoning,
  unreported: a.unreported + b.unreported,
  cost: a.cost === null && b.cost === null ? null : (a.cost ?? 0) + (b.cost ?? 0),
  unpriced: a.unpriced + b.unpriced,
  firstToken: mean(a.firstToken, a.turns, b.firstToken, b.turns),
  duration: mean(a.duration, a.turns, b.duration, b.turns),
});

/** All tokens of a row, each once. */
export const tokensOf = ({ input, output, cacheRead, cacheWrite }: Usage): number =>
  input + output + cacheRead + cacheWrite;

/** @param answers to the same question, of different ledgers; at least one */
export const mergeUsage = (answers: readonly UsageAnswer[]): UsageAnswer => {
  const [first, ...others] = answers;
  if (first === undefined) throw new Error("nothing to merge");
  const rows = new Map<string | null, UsageRow>(first.rows.map((row) => [row.name, row]));
  let { more, total } = first;
  for (const answer of others) {
    more += answer.more;
    total = plus(total, answer.total);
    for (const row of answer.rows) {
      const known = rows.get(row.name);
      rows.set(row.name, known === undefined ? row : plus(known, row));
    }
  }
  const byDay = first.by === "day";
  const sorted = [...rows.values()].toSorted((a, b) =>
    byDay ? String(a.name).localeCompare(String(b.name)) : tokensOf(b) - tokensOf(a),
  );
  return { ...first, rows: sorted, more, total };
};
