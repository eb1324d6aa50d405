/**
 * The targets in the client's `/model` list, as it keeps those that its vendor added (`additionalModelOptionsCache` of `.claude.json`; seen with Claude Code 2.1.329).
 * It stands on nothing: in the stack's client it is run as a script, where there is none of our code (model-list-copy.ts).
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";

export interface ModelOption {
  readonly value: string;
  readonly label: string;
  readonly description: string;
}

/** @param prefix of values that are ours: those of today take the place of those of before, others stay */
export const mergedOptions = (
  current: unknown,
  prefix: string,
  ours: readonly ModelOption[],
): readonly unknown[] => {
  const isOurs = (each: unknown): boolean =>
    typeof each === "object" &&
    each !== null &&
    String((each as { value?: unknown }).value).startsWith(prefix);
  return [...(Array.isArray(current) ? (current as unknown[]) : []).filter((each) => !isOurs(each)), ...ours];
};

/** Puts the list of a file into the client's record. A record that is not there or cannot be understood is left to the client. @param listFile `{prefix, options}` */
export const updateRecord = (recordFile: string, listFile: string): void => {
  const { prefix, options } = JSON.parse(readFileSync(listFile, "utf8")) as {
    prefix: string;
    options: readonly ModelOption[];
  };
  const record = JSON.parse(readFileSync(recordFile, "utf8")) as Record<string, unknown>;
  const former = record["additionalModelOptionsCache"] ?? [];
  const merged = mergedOptions(former, prefix, options);
  if (JSON.stringify(merged) === JSON.stringify(former)) return;
  // Beside and renamed: a client that reads at this moment sees the old one or the new one.
  const beside = `${recordFile}.${process.pid}`;
  writeFileSync(beside, `${JSON.stringify({ ...record, additionalModelOptionsCache: merged }, null, 2)}\n`, {
    mode: 0o600,
  });
  renameSync(beside, recordFile);
};
