/** An import for people: a table of what became of what, and its sum. */
import { basename } from "node:path";
import { painter, wantsColour } from "../ui/colour.ts";
import { table } from "../ui/table.ts";
import type { Note } from "../export/exporter.ts";
import type { Imported } from "./index.ts";
import type { Finding, Outcome } from "./report.ts";

const marks: Readonly<Record<Outcome, string>> = { mapped: "✓", changed: "~", dropped: "✗" };
const colours = { mapped: "green", changed: "yellow", dropped: "red" } as const;

/** A row for each finding: its place there, our key, and what is to be known of it. */
export const findingsTable = (findings: readonly Finding[]): string => {
  const several = new Set(findings.map(({ file }) => file)).size > 1;
  const place = ({ file, line }: Finding): string => `${several ? `${basename(file)}:` : ""}${line}`;
  const rows = [
    ["", "LINE", "THERE", "HERE", "NOTE"],
    ...findings.map((each) => [
      marks[each.outcome],
      place(each),
      each.key,
      each.to === "" ? "-" : each.to,
      each.why,
    ]),
  ];
  const paint = painter(wantsColour(process.env, process.stdout));
  return table(rows)
    .split("\n")
    .map((line, i) => {
      const outcome = findings[i - 1]?.outcome;
      return outcome === undefined ? line : paint(colours[outcome], line.slice(0, 1)) + line.slice(1);
    })
    .join("\n");
};

/** One or two lines: the tool, and how much of it is here. */
export const summary = ({ importer, findings, draft, unread }: Imported): string => {
  const count = (outcome: Outcome): number => findings.filter((each) => each.outcome === outcome).length;
  const sum = `${importer.title}: ✓ ${count("mapped")} taken over, ~ ${count("changed")} with another meaning, ✗ ${count("dropped")} not taken over`;
  const profiles = draft.profiles.size === 0 ? "" : `\nprofiles: ${[...draft.profiles.keys()].join(", ")}`;
  const rest = unread.length === 0 ? "" : `\nnot read, being no files of its: ${unread.join(", ")}`;
  return sum + profiles + rest;
};

/** As `findingsTable`, for an export: our key first. */
export const notesTable = (notes: readonly Note[]): string =>
  table([
    ["", "HERE", "THERE", "NOTE"],
    ...notes.map((each) => [marks[each.outcome], each.key, each.to === "" ? "-" : each.to, each.why]),
  ]);
