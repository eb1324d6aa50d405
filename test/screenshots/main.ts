/**
 * Takes pictures of every view of the dashboard, dark and light, on a desktop and on a phone: of a router that has worked for a month, of one that is new, of one at
 * which everything fails, and of one that has gone away. `node test/screenshots/main.ts [FOLDER] [TEXT]`; TEXT: only those with it in their name.
 */
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Browser, Page } from "playwright-core";
import { browserPath, openBrowser } from "../e2e/support/browser.ts";
import { signIn } from "../e2e/support/dashboard-page.ts";
import type { DashboardWorld } from "../e2e/support/dashboard-world.ts";
import { details, views, type Look } from "./looks.ts";
import { fresh, night, runSome, worked } from "./worlds.ts";

const [to = join(tmpdir(), "switchyard-screenshots"), only = ""] = process.argv.slice(2);
const folder = resolve(to);
const turns = 20_000;

const windows = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const;
const themes = ["dark", "light"] as const;

let taken = 0;
/** Pixels; a list of a hundred turns says no more in full. */
const tallest = 5000;

const keep = async (page: Page, name: string): Promise<void> => {
  await page.evaluate("scrollTo(0, 0)");
  const path = join(folder, `${name}.png`);
  const height = Math.min(tallest, await page.evaluate<number>("document.documentElement.scrollHeight"));
  const { width } = page.viewportSize()!;
  await page.screenshot({ path, fullPage: true, clip: { x: 0, y: 0, width, height } });
  taken++;
};

/** The answers are there, and charts are drawn. */
const settle = (page: Page): Promise<void> => page.waitForTimeout(900);

const look = async (page: Page, world: DashboardWorld, { at, steps }: Look): Promise<void> => {
  await page.goto(`${world.url}/#/${at}`);
  await page.reload();
  await page.locator("main h1").waitFor();
  await settle(page);
  if (steps === undefined) return;
  await steps(page);
  await settle(page);
};

/** @param gone ends the router, and shows what the page makes of it */
const pictures = async (
  browser: Browser,
  name: string,
  world: DashboardWorld,
  looks: readonly Look[],
  gone = false,
): Promise<void> => {
  const opened = [];
  for (const [window, viewport] of Object.entries(windows))
    for (const colorScheme of themes) {
      const picture = (of: string): string => `${name}-${of}-${window}-${colorScheme}`;
      const wanted = looks.filter((each) => picture(each.name).includes(only));
      if (wanted.length === 0 && !picture("gone").includes(only)) continue;
      const context = await browser.newContext({ viewport, colorScheme, hasTouch: window === "phone" });
      const page = await context.newPage();
      page.setDefaultTimeout(20_000);
      page.on("dialog", (dialog) => void dialog.accept());
      await page.goto(world.url);
      await page.getByLabel("Administrator's token").waitFor();
      if (picture("login").includes(only)) await keep(page, picture("login"));
      await signIn(page, world);
      for (const each of wanted) {
        await look(page, world, each);
        if (each.name === "live" && name === "worked") {
          await runSome(world, 6000);
          await page.waitForTimeout(2500);
        }
        await keep(page, picture(each.name));
      }
      if (gone) {
        await look(page, world, { name: "live", at: "live" });
        for (const { at } of views) {
          await page.goto(`${world.url}/#/${at}`);
          await settle(page);
        }
      }
      opened.push({ page, picture });
    }
  if (!gone) return;
  await world.stop();
  await Promise.all(
    opened.map(async ({ page, picture }) => {
      for (const { at } of views) {
        await page.goto(`${world.url}/#/${at}`).catch(() => undefined);
        await page.waitForTimeout(5500);
        await keep(page, picture(`gone-${at}`));
      }
    }),
  );
};

if (browserPath === undefined)
  throw new Error("no Chromium is in PATH (on Debian: apt-get install chromium)");
mkdirSync(folder, { recursive: true });
const browser = await openBrowser();
try {
  for (const [name, open, looks, gone] of [
    ["worked", () => worked(turns), [...views, ...details], true],
    ["fresh", fresh, views, false],
    ["night", night, views, false],
  ] as const) {
    if (only !== "" && /^(?:worked|fresh|night)/.test(only) && !only.startsWith(name)) continue;
    const world = await open();
    try {
      await pictures(browser, name, world, looks, gone);
    } finally {
      await world.close();
    }
  }
} finally {
  await browser.close();
}
process.stdout.write(`${taken} pictures in ${folder}\n`);
