/** The table in the terminal. */
import { floor } from "./contenders/index.ts";
import type { Measured, Results } from "./results.ts";
import { partsReport } from "./parts-report.ts";
import type { Spread } from "./statistics.ts";
import { number, spread, table } from "./table.ts";

const caseRows = (results: Results): { rows: string[][]; failures: string[] } => {
  const rows: string[][] = [];
  // A peer that cannot be installed fails every case for one reason: it is said once.
  const failures = new Map<string, string[]>();
  for (const each of results.cases) {
    let title = each.name;
    for (const name of Object.keys(results.contenders)) {
      const found = each.contenders[name];
      if (found === undefined) continue;
      if ("failed" in found) {
        rows.push([title, name, "failed"]);
        failures.set(`${name}: ${found.failed}`, [
          ...(failures.get(`${name}: ${found.failed}`) ?? []),
          each.name,
        ]);
      } else rows.push([title, name, ...measuredCells(found, name)]);
      title = "";
    }
  }
  return {
    rows,
    failures: [...failures].map(([why, [first, ...others]]) =>
      others.length === 0 ? `${first}, ${why}` : `${first} and ${others.length} more, ${why}`,
    ),
  };
};

const measuredCells = (found: Measured, name: string): string[] => {
  const added = (value: Spread): string => (name === "direct" ? "-" : spread(value));
  return [
    number(found.first50.median),
    number(found.end50.median),
    added(found.addedFirst50),
    added(found.addedEnd50),
    name === "direct" ? "-" : number(found.addedFirst99.median),
    name === "direct" ? "-" : number(found.addedEnd99.median),
    number(found.perSecond.median),
    number(found.tokensPerSecond.median),
    spread(found.cpuPer1000),
    number(1000 / found.cpuPer1000.median),
    spread(found.cpuToFloor),
    String(found.requests),
    name === "direct" ? "-" : `${Math.round(found.busy.median * 100)}%`,
    `${Math.round(found.loadBusy.median * 100)}%`,
    `${Math.round(found.providerBusy.median * 100)}%`,
  ];
};

const caseHead = [
  "case",
  "contender",
  "first p50 ms",
  "end p50 ms",
  "added first p50",
  "added end p50",
  "first p99",
  "end p99",
  "requests/s",
  "tokens/s",
  "CPU s/1000",
  "requests/CPU s",
  `CPU to ${floor}`,
  "n",
  "busy",
  "load",
  "prov",
];

export const terminalReport = (results: Results): string => {
  const { machine } = results;
  const { rows, failures } = caseRows(results);
  const all = [...failures, ...idleFailures(results), ...results.parts.failures];
  const parts = [
    `${results.date}  commit ${results.commit}  ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGB} GB, ${machine.system}, Node ${machine.node}; ${results.mode}, ${results.rounds} rounds; machine ${Math.round(results.busy * 100)}% busy: medians (least..most)`,
    ...Object.entries(results.contenders).map(([name, about]) => `${name}: ${about}`),
  ];
  if (rows.length > 0)
    parts.push(
      "",
      table(caseHead, rows),
      "n: fewest requests of a round (below 100, p99 is the slowest); busy, load, prov: share of one core that the contender, the load generator and the provider used. A row in which the generator had no time left and the contender had is no row, and stands under Failed.",
      "",
      table(
        ["", "process", "ready ms", "first answer ms", ...memoryHead(results), "image MB"],
        results.processes.map((each) => [
          "",
          each.contender,
          spread(each.coldStart),
          spread(each.firstAnswer),
          ...memoryCells(results, each.memory),
          each.image === undefined ? "-" : number(each.image),
        ]),
      ),
    );
  if (results.idle.length > 0) parts.push("", idleTable(results));
  parts.push(...results.missing);
  parts.push(...partsReport(results.parts));
  if (results.goals.length > 0) {
    parts.push(
      "",
      table(
        ["goal", "", "figure", "to reach", ""],
        results.goals.map((goal) => [
          goal.name,
          goal.reached ? "reached" : "missed",
          goal.ratio.toFixed(3),
          goal.goal,
          goal.note ?? "",
        ]),
      ),
    );
  }
  if (all.length > 0) parts.push("", "Failed:", ...all.map((each) => `  ${each}`));
  return `${parts.join("\n")}\n`;
};

const idleFailures = ({ idle }: Results): string[] =>
  idle.flatMap((each) =>
    Object.entries(each.contenders).flatMap(([name, found]) =>
      typeof found === "string" ? [`idle streams ${each.name}, ${name}: ${found}`] : [],
    ),
  );

const idleTable = ({ idle, contenders }: Results): string =>
  table(
    ["", "idle streams, KB each", ...idle.map((each) => `${each.name}, ${each.streams}`)],
    Object.keys(contenders)
      .filter((name) => idle.some((each) => name in each.contenders))
      .map((name) => [
        "",
        name,
        ...idle.map((each) => {
          const found = each.contenders[name];
          if (found === undefined) return "-";
          return typeof found === "number" ? number(found) : "failed";
        }),
      ]),
  );

const memoryForms = (results: Results): string[] => [
  ...new Set(results.processes.flatMap((each) => Object.keys(each.memory))),
];

const memoryHead = (results: Results): string[] =>
  memoryForms(results).flatMap((form) => [`${form} MB at rest`, "after", "top"]);

const memoryCells = (results: Results, memory: Results["processes"][number]["memory"]): string[] =>
  memoryForms(results).flatMap((form) => {
    const found = memory[form];
    return found === undefined ? ["-", "-", "-"] : [found.atRest, found.afterRun, found.top].map(number);
  });
