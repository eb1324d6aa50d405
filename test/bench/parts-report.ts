/** The tables of what is measured beside the routers. */
import type { LedgerCost } from "./ledger-cost.ts";
import type { Parts } from "./results.ts";
import type { Spread } from "./statistics.ts";
import { number, spread, table } from "./table.ts";

const costTable = (cost: LedgerCost): string[] => {
  const row = (
    name: string,
    of: { readonly with: Spread; readonly without: Spread },
    ratio: Spread,
  ): string[] => [name, "", spread(of.with), spread(of.without), spread(ratio)];
  return [
    "",
    table(
      [`cost of the ledger, ${cost.body}, ${cost.rounds} rounds`, "", "with", "without", "ratio"],
      [
        row("CPU of the event loop, ms a request", cost.eventLoopMilliseconds, cost.eventLoopRatio),
        row("CPU of the process and its threads, ms a request", cost.cpuMilliseconds, cost.cpuRatio),
        row("added p50 to the end, one at a time, ms", cost.addedP50, cost.addedP50Ratio),
      ],
    ),
  ];
};

const sessionTable = (session: NonNullable<Parts["session"]>): string[] => [
  "",
  table(
    ["CPU ms a turn", "", "KB", "router", "pipe", "pipe that parses", "router less that"],
    session.map(({ form, turn, bytes, own, passing, parsing, added }) => [
      `${form}, turn ${turn}`,
      "",
      String(Math.round(bytes / 1000)),
      ...[own, passing, parsing, added].map(spread),
    ]),
  ),
];

const ledgerTable = ({ ledger }: Parts): string[] => {
  if (ledger === undefined) return [];
  const { turns, append, takenPerSecond, bytes, questions } = ledger;
  return [
    "",
    `ledger of ${turns} turns: append ${number(append)} µs; taken ${takenPerSecond} turns/s; ${number(bytes / 1e6)} MB, ${Math.round(bytes / turns)} bytes a turn`,
    table(
      ["question", "", "median ms", "slowest", "CPU ms"],
      Object.entries(questions).map(([name, { median, max, cpu }]) => [
        name,
        "",
        ...[median, max, cpu].map(number),
      ]),
    ),
  ];
};

const dashboardTable = ({ dashboard }: Parts): string[] => {
  if (dashboard === undefined) return [];
  return [
    "",
    table(
      [
        `dashboard, ${dashboard.browser}, ${dashboard.rounds} rounds`,
        "",
        "files",
        "bytes of files",
        "bytes of data",
        "first paint ms",
        "ready ms",
      ],
      dashboard.pages.map(({ name, files, fileBytes, dataBytes, firstPaint, ready }) => [
        name,
        "",
        ...[files, fileBytes, dataBytes].map(({ median }) => String(Math.round(median))),
        spread(firstPaint),
        spread(ready),
      ]),
    ),
  ];
};

/** Lines, each table after an empty one. */
export const partsReport = (parts: Parts): string[] => [
  ...(parts.session === undefined ? [] : sessionTable(parts.session)),
  ...(parts.ledgerCost ?? []).flatMap(costTable),
  ...ledgerTable(parts),
  ...dashboardTable(parts),
];
