/** The dashboard in a browser: the way in, its views by name, and a page on a world of its own that keeps what it asked for and complained of. */
import type { Browser, Page } from "playwright-core";
import { openBrowser } from "./browser.ts";
import { dashboardWorld, type DashboardWorld } from "./dashboard-world.ts";

export const views = ["live", "usage", "providers", "routes", "keys", "config", "logs"] as const;
export type View = (typeof views)[number];

const titles: Readonly<Record<View, string>> = {
  live: "Live",
  usage: "Usage",
  providers: "Providers",
  routes: "Routes",
  keys: "Keys & budgets",
  config: "Configuration",
  logs: "Logs",
};

/** Waits until a view is shown. */
export const shows = (page: Page, view: View): Promise<void> =>
  page.getByRole("heading", { level: 1, name: titles[view], exact: true }).waitFor();

/** Goes to a view by the page's navigation. */
export const open = async (page: Page, view: View): Promise<void> => {
  await page.getByRole("navigation").getByRole("link", { name: titles[view], exact: true }).click();
  await shows(page, view);
};

/**
 * As `page.goto`, or what else loads a page. Chromium breaks that off where the machine's addresses change meanwhile, and tests of containers, beside this one, change them; a user's
 * Chromium loads the page again by itself then.
 */
export const loading = async (load: () => Promise<unknown>): Promise<void> => {
  for (let left = 3; ; left -= 1)
    try {
      await load();
      return;
    } catch (error) {
      if (left === 0 || !String(error).includes(networkChanged)) throw error;
    }
};

const networkChanged = "ERR_NETWORK_CHANGED";

/** @throws an error that says what the page shows, asked for and complained of, and how the router fares: that a label did not come alone tells nothing */
export const signIn = async (
  page: Page,
  { url, token, routerSaid }: Pick<DashboardWorld, "url" | "token" | "routerSaid">,
): Promise<void> => {
  const seen: string[] = [];
  page.on("console", (message) => seen.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", ({ message }) => seen.push(`threw: ${message}`));
  page.on("request", (request) => seen.push(`asked: ${request.url()}`));
  page.on("requestfinished", (request) => seen.push(`answered: ${request.url()}`));
  page.on("requestfailed", (request) =>
    seen.push(`failed: ${request.url()} ${request.failure()?.errorText}`),
  );
  try {
    await loading(() => page.goto(url));
    await page.getByLabel("Administrator's token").fill(token);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("navigation", { name: "Views" }).waitFor();
  } catch (cause) {
    const shown = await page.content().catch(String);
    const told = [String(cause), ...seen, `shown: ${shown}`, `the router: ${routerSaid()}`];
    throw new Error(told.join("\n"), { cause });
  }
};

export interface OpenDashboard {
  readonly browser: Browser;
  readonly world: DashboardWorld;
  readonly page: Page;
  /** What the browser complained of: errors of scripts, and what the content security policy has stopped. */
  readonly complaints: string[];
  /** Every address that was asked for. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/** A router with weeks of turns, and a browser with a page that is nowhere yet. */
export const openDashboard = async (): Promise<OpenDashboard> => {
  const world = await dashboardWorld({ history: true });
  const browser = await openBrowser();
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const complaints: string[] = [];
  const asked: string[] = [];
  page.setDefaultTimeout(15_000);
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    const text = message.text();
    // Of the machine, not of the page.
    if (message.type() === "error" && !text.includes(networkChanged)) complaints.push(text);
  });
  page.on("request", (request) => asked.push(request.url()));
  const close = async (): Promise<void> => {
    await browser.close();
    await world.close();
  };
  return { browser, world, page, complaints, asked, close };
};
