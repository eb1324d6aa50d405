/** The engine of this machine, or the one line that says what was not run. */
import { describe, it } from "vitest";
import { connect, type Engine } from "../../../src/engine/connect.ts";
import { messageOf } from "../../../src/shared/errors.ts";

const found = await connect().then(
  (engine) => ({ engine }),
  (error: unknown) => ({ reason: messageOf(error) }),
);

/** As `describe`, for tests that need an engine. With REQUIRE_ENGINE=1 its absence is a failure. */
export const describeWithEngine = (name: string, tests: (engine: Engine) => void): void => {
  if ("engine" in found) {
    describe(name, () => tests(found.engine));
    return;
  }
  if (process.env["REQUIRE_ENGINE"] === "1") {
    describe(name, () => {
      it("has a Docker Engine", () => {
        throw new Error(found.reason);
      });
    });
    return;
  }
  describe.skip(name, () => tests(undefined as unknown as Engine));
  process.stderr.write(`not run, because no Docker Engine answers (${found.reason}): ${name}\n`);
};
