/** Tests that need Chromium. */
import { browserPath } from "./browser.ts";
import { describeNeeding } from "../../support/needed.ts";

export { openBrowser } from "./browser.ts";

const needed = {
  name: "a Chromium",
  install: "on Debian: apt-get install chromium",
  there: browserPath !== undefined,
};

/** As `describe`. */
export const describeWithChromium = (name: string, tests: () => void): void =>
  describeNeeding(needed, name, tests);
