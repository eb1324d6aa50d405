/** The picture of the README: bench/results/latest.json as bars. `node test/bench/chart.ts` draws it anew, and so does a run with --latest. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bare, baseline, floor, ours } from "./contenders/index.ts";
import type { Results } from "./results.ts";
import { number } from "./table.ts";

interface Bar {
  readonly name: string;
  readonly value: number;
}

interface Panel {
  readonly title: string;
  readonly bars: readonly Bar[];
}

/** Figures that a file of results may hold as null: JSON knows no NaN. */
const known = (bars: readonly { name: string; value: number | null | undefined }[]): Bar[] =>
  bars.flatMap(({ name, value }) => (typeof value === "number" && value > 0 ? [{ name, value }] : []));

const perCore = (results: Results, name: string, title: string): Panel => ({
  title,
  bars: known(
    Object.entries(results.cases.find((each) => each.name === name)?.contenders ?? {}).map(
      ([contender, found]) => ({
        name: contender,
        value:
          "failed" in found || found.cpuPer1000.median === null ? undefined : 1000 / found.cpuPer1000.median,
      }),
    ),
  )
    .filter((bar) => bar.name !== baseline)
    .toSorted((a, b) => b.value - a.value),
});

const memory = (results: Results): Panel => ({
  title: "Memory of the idle process, MB (less is better)",
  bars: known(
    results.processes.map(({ contender, memory: byForm }) => ({
      name: contender,
      value: (byForm["chat"] ?? byForm["anthropic"])?.atRest,
    })),
  ).toSorted((a, b) => a.value - b.value),
});

/** What they are called in the picture: a floor does not do the work. */
const labelOf = (name: string): string =>
  ["nginx", floor, bare].includes(name) ? `${name} (bytes alone)` : name;

const classOf = (name: string): string => {
  if (name === ours) return "ours";
  return labelOf(name) === name ? "peer" : "floor";
};

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const width = 820;
const labels = 190;
const figures = 70;
const row = 24;

/** @returns the marks of one panel and the place below it */
const drawn = ({ title, bars }: Panel, top: number): { marks: string; next: number } => {
  const largest = Math.max(...bars.map((bar) => bar.value));
  const room = width - labels - figures - 20;
  const lines = bars.map((bar, i) => {
    const y = top + 34 + i * row;
    const size = Math.max(1, Math.round((bar.value / largest) * room));
    const kind = classOf(bar.name);
    return `<text class="${kind} name" x="${labels - 10}" y="${y + 13}">${escaped(labelOf(bar.name))}</text>
<rect class="${kind}" x="${labels}" y="${y}" width="${size}" height="17" rx="2"/>
<text class="${kind}" x="${labels + size + 8}" y="${y + 13}">${number(bar.value)}</text>`;
  });
  const head = `<text class="title" x="20" y="${top + 18}">${escaped(title)}</text>`;
  return { marks: [head, ...lines].join("\n"), next: top + 34 + bars.length * row + 22 };
};

/** Reads well on white and on black: colours follow what the reader's system prefers. */
const style = `text { font: 13px system-ui, sans-serif; fill: #57606a }
.name { text-anchor: end }
text.ours { font-weight: 600; fill: #1f2328 } .title { font-weight: 600; font-size: 14px; fill: #1f2328 }
.note { font-size: 11px }
rect.peer { fill: #9aa5b1 } rect.floor { fill: #d5dbe1 } rect.ours { fill: #0b6bcb }
@media (prefers-color-scheme: dark) {
text { fill: #9aa5b1 } text.ours, .title { fill: #f0f3f6 }
rect.peer { fill: #5d6875 } rect.floor { fill: #363d46 } rect.ours { fill: #58a6ff }
}`;

/** @returns SVG, the same for the same results */
export const chartOf = (results: Results): string => {
  const panels = [
    perCore(
      results,
      "chat stream 2KB c10",
      "Anthropic to OpenAI Chat, 60 chunks, 2 KB body: requests per second of CPU (more is better)",
    ),
    perCore(
      results,
      "chat stream 200KB c10",
      "The same with a body of 200 KB, as in a long session (more is better)",
    ),
    memory(results),
  ].filter((panel) => panel.bars.length > 0);
  let top = 10;
  const marks: string[] = [];
  for (const panel of panels) {
    const { marks: own, next } = drawn(panel, top);
    marks.push(own);
    top = next;
  }
  const { date, machine, mode, rounds, busy } = results;
  const note = `${date.slice(0, 10)}, ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, ${mode}, medians of ${rounds} rounds${Number.isFinite(busy) ? `, machine ${Math.round(busy * 100)} % busy` : ""}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top + 16}" width="${width}" height="${top + 16}" role="img" aria-label="${ours} beside other routers: requests per second of CPU, and memory">
<style>${style}</style>
${marks.join("\n")}
<text class="note" x="20" y="${top + 4}">${escaped(note)}</text>
</svg>
`;
};

const folder = join(import.meta.dirname, "../../bench");

/** From bench/results/latest.json to bench/chart.svg. */
export const drawChart = (): void => {
  const latest = JSON.parse(readFileSync(join(folder, "results/latest.json"), "utf8")) as Results;
  writeFileSync(join(folder, "chart.svg"), chartOf(latest));
};

if (import.meta.main) drawChart();
