/** Chromium as Debian has it, driven by playwright-core, which brings none of its own. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium, type Browser } from "playwright-core";

export const browserNames = ["chromium", "chromium-browser", "google-chrome"];

const find = (): string | undefined => {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter))
    for (const name of browserNames) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // Another folder has it, or none.
      }
    }
  return undefined;
};

/** Undefined: there is none in PATH. */
export const browserPath = find();

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
  chromium.launch({ executablePath: browserPath!, headless: true, args: flags });
