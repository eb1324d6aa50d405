/**
 * What failed in a run of vitest, by name and with the beginning of why, appended to the file that FAILED_TESTS names: `make test` shows it last, however many lines came before.
 * Writes nothing where nothing failed. Vitest's own reports leave out why a hook of a `describe` failed.
 */
import { appendFileSync } from "node:fs";
import { env } from "node:process";
import { stripVTControlCharacters } from "node:util";
import type { Reporter, TestCase, TestModule, TestSuite } from "vitest/node";

interface Failure {
  /** File and test; of a hook, file and `describe`. */
  readonly where: string;
  readonly errors: readonly { readonly message?: string; readonly stack?: string | undefined }[];
}

const ofModule = (module: TestModule): Failure[] => {
  const within = (each: TestSuite | TestCase): string => `${module.relativeModuleId}: ${each.fullName}`;
  const failures = [
    { where: module.relativeModuleId, errors: module.errors() },
    ...[...module.children.allSuites()].map((suite) => ({ where: within(suite), errors: suite.errors() })),
    ...[...module.children.allTests("failed")].map((test) => ({
      where: within(test),
      errors: test.result().errors ?? [],
    })),
  ].filter(({ errors }) => errors.length > 0);
  if (failures.length > 0 || module.ok()) return failures;
  return [{ where: module.relativeModuleId, errors: [{ message: "failed, and vitest does not say why" }] }];
};

const written = ({ where, errors }: Failure): string => {
  const why = errors.map(({ message = "", stack = "" }) =>
    stack.includes(message) ? stack : `${message}\n${stack}`,
  );
  const lines = stripVTControlCharacters(why.join("\n"))
    .split("\n")
    // Vitest's own frames would fill what is shown.
    .filter((line) => !/^\s+at .*(?:\/node_modules\/|<anonymous>|\(node:)/.test(line))
    .slice(0, 12);
  return `\n${where}\n${lines.map((line) => `    ${line.slice(0, 300)}\n`).join("")}`;
};

/** A reporter of vitest: `--reporter=scripts/failed-tests.ts`. */
export default class FailedTests implements Reporter {
  onTestRunEnd: NonNullable<Reporter["onTestRunEnd"]> = (modules, unhandled) => {
    const file = env["FAILED_TESTS"];
    if (file === undefined) throw new Error("FAILED_TESTS names no file to write what failed to");
    const failures = modules.flatMap(ofModule);
    if (unhandled.length > 0) failures.push({ where: "beside the tests", errors: unhandled });
    if (failures.length > 0) appendFileSync(file, failures.map(written).join(""));
  };
}
