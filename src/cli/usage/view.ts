/** Usage as a table for a terminal. */
import { dollars } from "../../shared/dollars.ts";
import type { Usage, UsageAnswer } from "../../shared/usage.ts";
import { table } from "../ui/table.ts";
import { tokensOf } from "./merge.ts";

const barLength = 12;
const longestName = 60;
const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** Names are whatever a client sent: what moves the cursor, colours or turns the writing around is not shown as such. */
export const shownName = (name: string | null): string => {
  if (name === null) return "(none)";
  const plain = name.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "?");
  return plain.length > longestName ? `${plain.slice(0, longestName - 1)}…` : plain;
};

/** `$12.34`, `$0.0042`, `unknown`; with `+ ?` where the price of some turns is not known. */
export const shownCost = ({ cost, unpriced }: Pick<Usage, "cost" | "unpriced">): string => {
  if (cost === null) return unpriced > 0 ? "unknown" : "-";
  return unpriced > 0 ? `${dollars(cost)} + ?` : dollars(cost);
};

/** @param share from 0 to 1 */
export const bar = (share: number): string => {
  const parts = Math.round(Math.min(1, Math.max(0, share)) * barLength * 8);
  return `${"█".repeat(Math.floor(parts / 8))}${eighths[parts % 8] ?? ""}`;
};

const number = (value: number): string => value.toLocaleString("en-US");

const counted = (turns: number): string => `${number(turns)} ${turns === 1 ? "turn" : "turns"}`;

const cellsOf = (usage: Usage): string[] => [
  number(usage.turns),
  number(usage.input),
  number(usage.cacheRead),
  number(usage.cacheWrite),
  number(usage.output),
  shownCost(usage),
];

/** Figures stand under each other by their last digit. */
const rightAligned = (rows: readonly (readonly string[])[]): string[][] => {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows.map((row) => row.map((cell, i) => cell.padStart(widths[i]!)));
};

const spanText = ({ since, until }: UsageAnswer): string => {
  const from = since === null ? "from the beginning" : `since ${since}`;
  return until === null ? from : `${from}, until ${until}`;
};

export const usageTable = (answer: UsageAnswer): string => {
  const { by, rows, total, more } = answer;
  const span = spanText(answer);
  if (total.turns === 0) return `no turns ${span}`;
  // A bar of dollars says nothing while some are unknown.
  const priced = total.cost !== null && total.cost > 0 && total.unpriced === 0;
  const share = (usage: Usage): number =>
    priced ? (usage.cost ?? 0) / (total.cost ?? 1) : tokensOf(usage) / Math.max(1, tokensOf(total));
  const head = ["turns", "input", "cache read", "cache write", "output", "cost"];
  const figures = rightAligned([head, ...rows.map(cellsOf), cellsOf(total)]);
  const names = [by, ...rows.map(({ name }) => shownName(name)), "total"];
  const bars = [priced ? "share of cost" : "share of tokens", ...rows.map((row) => bar(share(row))), ""];
  const lines = [
    table(names.map((name, i) => [name, ...figures[i]!, bars[i]!])),
    "",
    `${counted(total.turns)} ${span}`,
  ];
  if (more > 0) lines.push(`${number(more)} more rows are in the total alone`);
  if (total.unpriced > 0)
    lines.push(`the price of ${counted(total.unpriced)} is not known: see \`switchyard models\``);
  if (total.unreported > 0)
    lines.push(`${counted(total.unreported)} without tokens: nothing was reported of them`);
  return lines.join("\n");
};
