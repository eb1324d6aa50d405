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

/** @param world where it is, and the administrator's token */
export const signIn = async (
  page: Page,
  { url, token }: Pick<DashboardWorld, "url" | "token">,
): Promise<void> => {
  await page.goto(url);
  await page.getByLabel("Administrator's token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("navigation", { name: "Views" }).waitFor();
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
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("request", (request) => asked.push(request.url()));
  const close = async (): Promise<void> => {
    await browser.close();
    await world.close();
  };
  return { browser, world, page, complaints, asked, close };
};
