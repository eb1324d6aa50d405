/** The folders of recorded traffic and of cases, which lie outside of the repository and are named by environment variables. */
import { existsSync } from "node:fs";
import { expect, test } from "vitest";

/**
 * Runs `register` with the folder that the variable names. Unset: one test that says in a line what was not run. Set to a folder that is
 * not there: a test that fails, so that a wrong path is never taken for a pass.
 *
 * @param what what is not run without the folder, for the line that says so
 */
export const withFolder = (
  variable: "RECORDINGS" | "CASES",
  what: string,
  register: (folder: string) => void,
): void => {
  const folder = process.env[variable];
  if (folder === undefined || folder === "") {
    test(`not run: ${variable} is not set (${what})`, ({ annotate }) => {
      process.stderr.write(`${variable} is not set, so these were not run: ${what}\n`);
      expect(process.env[variable] ?? "").toBe("");
      return annotate(`set ${variable} to the folder to run them`).then(() => undefined);
    });
    return;
  }
  if (!existsSync(folder)) {
    test(`${variable} names a folder that is there`, () => {
      expect.fail(`${variable}=${folder}: no such folder`);
    });
    return;
  }
  register(folder);
};
