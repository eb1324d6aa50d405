/** The dashboard in Chromium on the router's own machine: what a page ships, and how soon it shows something, and its data. */
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { browserPath, openBrowser } from "../e2e/support/browser.ts";
import { dashboardWorld, type DashboardWorld } from "../e2e/support/dashboard-world.ts";
import { spreadOf, type Spread } from "./statistics.ts";

interface View {
  readonly name: string;
  readonly path: string;
  /** Resolves when the view shows its data. */
  readonly shown: (page: Page) => Promise<unknown>;
  /** The browser has been there before. */
  readonly again?: true;
  /** Before anybody has signed in. */
  readonly outside?: true;
}

const charts = (page: Page): Promise<unknown> => page.locator(".u-wrap canvas").nth(5).waitFor();

const views: readonly View[] = [
  {
    name: "sign-in",
    path: "/",
    outside: true,
    shown: (page) => page.getByLabel("Administrator's token").waitFor(),
  },
  { name: "Live", path: "/#/live", shown: (page) => page.locator(".turn").first().waitFor() },
  { name: "Usage with its charts", path: "/#/usage", shown: charts },
  {
    name: "Configuration",
    path: "/#/config",
    shown: (page) => page.getByLabel("Configuration, YAML").waitFor(),
  },
  { name: "Usage again, files in the cache", path: "/#/usage", shown: charts, again: true },
];

export interface PageFigures {
  readonly name: string;
  /** The page's own files that came from the router: how many, and bytes of heads and bodies. Nothing is compressed. */
  readonly files: Spread;
  readonly fileBytes: Spread;
  /** What it shows: answers of `/api`. A stream counts when it has ended. */
  readonly dataBytes: Spread;
  /** Milliseconds from the beginning of the navigation. */
  readonly firstPaint: Spread;
  readonly ready: Spread;
}

export interface DashboardFigures {
  readonly browser: string;
  readonly rounds: number;
  readonly pages: readonly PageFigures[];
}

interface Visit {
  readonly files: number;
  readonly fileBytes: number;
  readonly dataBytes: number;
  readonly firstPaint: number;
  readonly ready: number;
}

/** Counts what a page loads until its data is there. */
const visit = async (context: BrowserContext, url: string, { path, shown, again }: View): Promise<Visit> => {
  if (again === true) {
    const before = await context.newPage();
    await before.goto(`${url}${path}`);
    await shown(before);
    await before.close();
  }
  const page = await context.newPage();
  const network = await context.newCDPSession(page);
  await network.send("Network.enable");
  let [files, fileBytes, dataBytes] = [0, 0, 0];
  const kinds = new Map<string, "file" | "data">();
  const cached = new Set<string>();
  network.on("Network.requestServedFromCache", ({ requestId }) => cached.add(requestId));
  network.on("Network.responseReceived", ({ requestId, response }) => {
    if (cached.has(requestId) || response.fromDiskCache === true) return;
    const kind = new URL(response.url).pathname.startsWith("/api/") ? "data" : "file";
    kinds.set(requestId, kind);
    if (kind === "file") files++;
  });
  network.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    if (kinds.get(requestId) === "file") fileBytes += encodedDataLength;
    if (kinds.get(requestId) === "data") dataBytes += encodedDataLength;
  });
  const began = performance.now();
  await page.goto(`${url}${path}`, { waitUntil: "commit" });
  await shown(page);
  const ready = performance.now() - began;
  const paint = await page.waitForFunction(
    () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
  );
  const firstPaint = Number(await paint.jsonValue());
  await page.close();
  return { files, fileBytes, dataBytes, firstPaint, ready };
};

/** Signed in, as a state that each new profile begins with. */
const signedIn = async (browser: Browser, world: DashboardWorld): Promise<BrowserContextOptions> => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(world.url);
  await page.getByLabel("Administrator's token").fill(world.token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("navigation", { name: "Views" }).waitFor();
  const storageState = await context.storageState();
  await context.close();
  return { storageState };
};

/** @param rounds each with an empty profile for each page. @throws Error where there is no Chromium */
export const dashboardFigures = async (rounds: number): Promise<DashboardFigures> => {
  if (browserPath === undefined)
    throw new Error("there is no Chromium in PATH (on Debian: apt-get install chromium)");
  const world = await dashboardWorld({ history: true });
  const browser = await openBrowser();
  try {
    const inside = await signedIn(browser, world);
    await world.ask();
    const visits = new Map<View, Visit[]>(views.map((view) => [view, []]));
    // The first round fills the router's own caches and does not count.
    for (let round = -1; round < rounds; round++)
      for (const view of views) {
        const context = await browser.newContext({
          viewport: { width: 1440, height: 900 },
          ...(view.outside === undefined && inside),
        });
        const found = await visit(context, world.url, view);
        if (round >= 0) visits.get(view)!.push(found);
        await context.close();
      }
    return {
      browser: `Chromium ${browser.version()}`,
      rounds,
      pages: [...visits].map(([{ name }, all]) => ({
        name,
        files: spreadOf(all.map((each) => each.files)),
        fileBytes: spreadOf(all.map((each) => each.fileBytes)),
        dataBytes: spreadOf(all.map((each) => each.dataBytes)),
        firstPaint: spreadOf(all.map((each) => each.firstPaint)),
        ready: spreadOf(all.map((each) => each.ready)),
      })),
    };
  } finally {
    await browser.close();
    await world.close();
  }
};
