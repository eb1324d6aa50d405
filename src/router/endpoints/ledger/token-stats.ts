/** `GET /api/token-stats`, `POST /api/token-stats/reset`, `GET /token-stats.html`: usage by model since the last reset, which removes nothing from the ledger. */
import { dollars } from "../../../shared/dollars.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Usage } from "../../ledger/queries.ts";
import type { Handler, RouterContext } from "../context.ts";
import { ledgerOf } from "./query.ts";

export interface TokenStats {
  readonly requests: number;
  /** `total` is the sum of input, output, cacheWrite and cacheRead. */
  readonly tokens: Pick<Usage, "input" | "output" | "cacheWrite" | "cacheRead" | "reasoning"> & {
    readonly total: number;
  };
  /** US dollars; null where no price is known. */
  readonly cost: number | null;
  /** Requests whose price is not known. */
  readonly unpriced: number;
}

/** The answer of `GET /api/token-stats`. */
export interface TokenStatsAnswer extends TokenStats {
  /** Null: from the beginning. */
  readonly since: string | null;
  readonly models: readonly (TokenStats & { readonly model: string })[];
}

const statsOf = ({
  turns,
  input,
  output,
  cacheWrite,
  cacheRead,
  reasoning,
  cost,
  unpriced,
}: Usage): TokenStats => ({
  requests: turns,
  tokens: { input, output, cacheWrite, cacheRead, reasoning, total: input + output + cacheWrite + cacheRead },
  cost,
  unpriced,
});

const read = async (ledger: Ledger): Promise<TokenStatsAnswer> => {
  const since = await ledger.statsSince();
  const { rows, total } = await ledger.usage({ by: "model", ...(since !== null && { since }) });
  return {
    since: since === null ? null : new Date(since).toISOString(),
    ...statsOf(total),
    models: rows.map((row) => ({ model: row.name ?? "", ...statsOf(row) })),
  };
};

export const tokenStats = (context: RouterContext): Handler =>
  async function handleTokenStats(_request, reply) {
    return reply.send(await read(ledgerOf(context)));
  };

export const resetTokenStats = (context: RouterContext): Handler =>
  async function handleReset(_request, reply) {
    const ledger = ledgerOf(context);
    await ledger.resetStats();
    const since = await ledger.statsSince();
    return reply.send({ since: since === null ? null : new Date(since).toISOString() });
  };

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
/** A text as a part of a page: names of models are whatever a client sent. */
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => entities[sign] ?? "");

const costText = ({ cost, unpriced }: TokenStats): string => {
  const known = cost === null ? "unknown" : dollars(cost);
  return cost !== null && unpriced > 0 ? `${known} and unknown` : known;
};

const rowText = (name: string, stats: TokenStats): string => {
  const { input, output, cacheWrite, cacheRead, reasoning } = stats.tokens;
  const numbers = [stats.requests, input, cacheRead, cacheWrite, output, reasoning].map((each) =>
    each.toLocaleString("en-US"),
  );
  return `<tr>${[name, ...numbers, costText(stats)].map((cell) => `<td>${escaped(cell)}</td>`).join("")}</tr>`;
};

/** A page without a script. */
export const tokenStatsPage = (context: RouterContext): Handler =>
  async function handlePage(_request, reply) {
    const stats = await read(ledgerOf(context));
    const heads = [
      "Model",
      "Requests",
      "Input",
      "Cache read",
      "Cache written",
      "Output",
      "Reasoning",
      "Cost",
    ];
    const page = [
      '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Token statistics</title></head><body>',
      `<h1>Token statistics</h1><p>Since ${stats.since ?? "the beginning"}.</p><table border="1" cellpadding="6"><thead><tr>`,
      ...heads.map((head) => `<th scope="col">${head}</th>`),
      "</tr></thead><tbody>",
      ...stats.models.map((each) => rowText(each.model, each)),
      `</tbody><tfoot>${rowText("All", stats)}</tfoot></table></body></html>\n`,
    ];
    return reply.header("content-type", "text/html; charset=utf-8").send(page.join("\n"));
  };
