/**
 * What failed, last and by name, however many lines came after it: `node scripts/failures.ts REPORT…` reads reports that vitest wrote as JSON and prints each failed test with the
 * beginning of what it says. Prints nothing where none failed; a run that was ended has written no report.
 */
import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";

interface Report {
  readonly testResults: readonly {
    /** The file. */
    readonly name: string;
    readonly status: string;
    /** Why a file failed as a whole, as when a hook of it did. */
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

const beginning = (text: string): string =>
  stripVTControlCharacters(text)
    .split("\n")
    .slice(0, 12)
    .map((line) => `    ${line.slice(0, 300)}`)
    .join("\n");

const failures = process.argv.slice(2).flatMap((path) => {
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  if (text === "") return [];
  return (JSON.parse(text) as Report).testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(process.cwd(), name);
    const failed = assertionResults
      .filter((test) => test.status === "failed")
      .map((test) => `${file}: ${test.fullName}\n${beginning(test.failureMessages.join("\n"))}`);
    return status === "failed" && failed.length === 0 ? [`${file}\n${beginning(message)}`] : failed;
  });
});

if (failures.length > 0)
  process.stdout.write(`\n== failed: ${failures.length}\n\n${failures.join("\n\n")}\n`);
