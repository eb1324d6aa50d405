/** Chromium as Debian has it, driven by playwright-core, which brings none of its own. */
import { chromium, type Browser } from "playwright-core";
import { programInPath } from "./program.ts";

/** Undefined: there is none in PATH. */
export const browserPath = programInPath("chromium", "chromium-browser", "google-chrome");

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
