/** Chromium as Debian has it, driven by playwright-core, which brings none of its own. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium, type Browser } from "playwright-core";
import { describe, it } from "vitest";

const names = ["chromium", "chromium-browser", "google-chrome"];

const find = (): string | undefined => {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter))
    for (const name of names) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // Another folder has it, or none.
      }
    }
  return undefined;
};

const executable = find();

/** It asks nobody but the pages that it is led to: no update, no measurement, no first-run page. */
const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** With an empty profile of its own, which ends with it. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: executable!, headless: true, args: flags });

/** As `describe`, for tests that need Chromium. With REQUIRE_ENGINE=1, which leaves nothing out, its absence is a failure. */
export const describeWithChromium = (name: string, tests: () => void): void => {
  if (executable !== undefined) describe(name, tests);
  else if (process.env["REQUIRE_ENGINE"] === "1")
    describe(name, () => {
      it("has a Chromium", () => {
        throw new Error(`none of ${names.join(", ")} is in PATH (on Debian: apt-get install chromium)`);
      });
    });
  else {
    describe.skip(name, tests);
    process.stderr.write(`not run, because there is no Chromium: ${name}\n`);
  }
};
