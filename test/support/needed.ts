/** Tests that need what may be missing are left out where it is not there, in one line. */
import { execFileSync } from "node:child_process";
import { describe, it } from "vitest";

/**
 * As `describe`, for tests that need what may be missing. With REQUIRE_ENGINE=1, which leaves nothing out, its absence is a failure.
 * @param needed `name` with its article, how it is had (`install`), and whether it is there
 */
export const describeNeeding = (
  needed: { readonly name: string; readonly install: string; readonly there: boolean },
  name: string,
  tests: () => void,
): void => {
  if (needed.there) describe(name, tests);
  else if (process.env["REQUIRE_ENGINE"] === "1")
    describe(name, () => {
      it(`has ${needed.name}`, () => {
        throw new Error(`${needed.name} is not there; ${needed.install}`);
      });
    });
  else {
    describe.skip(name, tests);
    process.stderr.write(`not run, for want of ${needed.name} (${needed.install}): ${name}\n`);
  }
};

/** A program of Debian's package of the same name, for `describeNeeding`. */
export const debianProgram = (program: string) => ({
  name: program,
  install: `apt-get install ${program}`,
  there: execFileSync("sh", ["-c", 'command -v "$0" || true', program], { encoding: "utf8" }) !== "",
});
