/** Tests that need Chromium. */
import { describe, it } from "vitest";
import { browserNames, browserPath } from "./browser.ts";

export { openBrowser } from "./browser.ts";

/** As `describe`, for tests that need Chromium. With REQUIRE_ENGINE=1, which leaves nothing out, its absence is a failure. */
export const describeWithChromium = (name: string, tests: () => void): void => {
  if (browserPath !== undefined) describe(name, tests);
  else if (process.env["REQUIRE_ENGINE"] === "1")
    describe(name, () => {
      it("has a Chromium", () => {
        throw new Error(
          `none of ${browserNames.join(", ")} is in PATH (on Debian: apt-get install chromium)`,
        );
      });
    });
  else {
    describe.skip(name, tests);
    process.stderr.write(`not run, because there is no Chromium: ${name}\n`);
  }
};
