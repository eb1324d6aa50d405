/** The table in the terminal. */
import { floor, ours } from "./contenders/index.ts";
import type { Measured, Results } from "./results.ts";
import { partsReport } from "./parts-report.ts";
import type { Spread } from "./statistics.ts";
import { number, spread, table } from "./table.ts";

const caseRows = (results: Results): { rows: string[][]; failures: string[] } => {
  const rows: string[][] = [];
  const failures: string[] = [];
  for (const each of results.cases) {
    let title = each.name;
    for (const name of Object.keys(results.contenders)) {
      const found = each.contenders[name];
      if (found === undefined) continue;
      if ("failed" in found) {
        rows.push([title, name, "failed"]);
        failures.push(`${each.name}, ${name}: ${found.failed}`);
      } else rows.push([title, name, ...measuredCells(found, name)]);
      title = "";
    }
  }
  return { rows, failures };
};

const measuredCells = (found: Measured, name: string): string[] => {
  const added = (value: Spread): string => (name === "direct" ? "-" : spread(value));
  return [
    number(found.first50.median),
    number(found.end50.median),
    added(found.addedFirst50),
    added(found.addedEnd50),
    name === "direct" ? "-" : number(found.addedEnd99.median),
    spread(found.perSecond),
    spread(found.cpuPer1000),
    String(found.requests),
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
  "added end p99",
  "requests/s",
  "CPU s/1000",
  "n",
  "load",
  "prov",
];

/** Ours against the floor, in CPU: the figure that noise spares most. */
const floorRows = (results: Results): string[][] =>
  results.cases.flatMap((each) => {
    const own = each.contenders[ours];
    const same = results.cases.find((other) => other.name === each.name.replace(/^chat/, "anthropic"));
    const bare = same?.contenders[floor];
    if (own === undefined || bare === undefined || "failed" in own || "failed" in bare) return [];
    return [[each.name, ours, number(own.cpuPer1000.median / bare.cpuPer1000.median)]];
  });

export const terminalReport = (results: Results): string => {
  const { machine } = results;
  const { rows, failures } = caseRows(results);
  const floors = floorRows(results);
  const all = [...failures, ...results.parts.failures];
  const parts = [
    `${results.date}  commit ${results.commit}  ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGB} GB, ${machine.system}, Node ${machine.node}; ${results.mode}, ${results.rounds} rounds; machine ${Math.round(results.busy * 100)}% busy: medians (least..most)`,
    ...Object.entries(results.contenders).map(([name, about]) => `${name}: ${about}`),
  ];
  if (rows.length > 0)
    parts.push(
      "",
      table(caseHead, rows),
      "n: fewest requests of a round (below 100, p99 is the slowest); load, prov: share of one core that the load generator and the provider used.",
      "",
      table(
        ["", "process", "ready ms", "first answer ms", ...memoryHead(results)],
        results.processes.map((each) => [
          "",
          each.contender,
          spread(each.coldStart),
          spread(each.firstAnswer),
          ...memoryCells(results, each.memory),
        ]),
      ),
    );
  if (floors.length > 0)
    parts.push("", table(["case", "", `CPU against the ${floor} (anthropic form)`], floors));
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

const memoryForms = (results: Results): string[] => [
  ...new Set(results.processes.flatMap((each) => Object.keys(each.memory))),
];

const memoryHead = (results: Results): string[] =>
  memoryForms(results).flatMap((form) => [`${form} MB at rest`, "after the run"]);

const memoryCells = (results: Results, memory: Results["processes"][number]["memory"]): string[] =>
  memoryForms(results).flatMap((form) => {
    const found = memory[form];
    return found === undefined ? ["-", "-"] : [number(found.atRest), number(found.afterRun)];
  });
