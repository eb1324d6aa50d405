/** Turns as a file: CSV for spreadsheets, JSON with all that is kept. */
import type { StoredTurn, TurnsQuery } from "./queries.ts";
import type { Ledger } from "./ledger.ts";

export const exportTypes = {
  csv: "text/csv; charset=utf-8; header=present",
  json: "application/json; charset=utf-8",
} as const;
export type ExportFormat = keyof typeof exportTypes;

const columns: Readonly<Record<string, (turn: StoredTurn) => string | number | boolean | null>> = {
  at: ({ at }) => at,
  id: ({ id }) => id,
  session: ({ session }) => session,
  agent: ({ agent }) => agent,
  profile: ({ profile }) => profile,
  clientKey: ({ clientKey }) => clientKey,
  client: ({ client }) => client,
  asked: ({ asked }) => asked,
  rule: ({ rule }) => rule,
  target: ({ target }) => target,
  outcome: ({ outcome }) => outcome,
  status: ({ status }) => status,
  error: ({ error }) => error,
  stream: ({ stream }) => stream,
  attempts: ({ attemptCount }) => attemptCount,
  input: ({ tokens }) => tokens?.input ?? null,
  output: ({ tokens }) => tokens?.output ?? null,
  cacheWrite: ({ tokens }) => tokens?.cacheWrite ?? null,
  cacheRead: ({ tokens }) => tokens?.cacheRead ?? null,
  reasoning: ({ tokens }) => tokens?.reasoning ?? null,
  cost: ({ cost }) => cost,
  firstToken: ({ firstToken }) => firstToken,
  duration: ({ duration }) => duration,
};

/**
 * One cell (RFC 4180). A text that a spreadsheet would take for a formula gets an apostrophe before it: names of models are whatever a client
 * sent (owasp.org, CSV injection).
 */
export const csvCell = (value: string | number | boolean | null): string => {
  if (typeof value !== "string") return value === null ? "" : String(value);
  const safe = /^[=+\-@\t\r\n＝＋－＠]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

const csvLine = (cells: readonly (string | number | boolean | null)[]): string =>
  `${cells.map(csvCell).join(",")}\r\n`;

async function* pages(ledger: Ledger, query: TurnsQuery): AsyncGenerator<readonly StoredTurn[]> {
  let after: string | undefined;
  do {
    const page = await ledger.turns({ ...query, oldestFirst: true, limit: 1_000, after });
    if (page.turns.length > 0) yield page.turns;
    after = page.next ?? undefined;
  } while (after !== undefined);
}

/** The text of a file, piece by piece, the oldest turn first. */
export async function* exported(
  ledger: Ledger,
  format: ExportFormat,
  query: TurnsQuery,
): AsyncGenerator<string> {
  if (format === "csv") {
    yield csvLine(Object.keys(columns));
    for await (const turns of pages(ledger, query))
      yield turns.map((turn) => csvLine(Object.values(columns).map((of) => of(turn)))).join("");
    return;
  }
  let before = "[\n";
  for await (const turns of pages(ledger, query)) {
    yield before + turns.map((turn) => JSON.stringify(turn)).join(",\n");
    before = ",\n";
  }
  yield before === "[\n" ? "[]\n" : "\n]\n";
}
