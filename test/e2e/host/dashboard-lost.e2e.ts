/**
 * A part of the page whose connection is lost on the way. Chromium drops what it is connecting for when the machine's addresses change
 * (net::ERR_NETWORK_CHANGED), and a container that starts changes them: the dashboard stayed blank then.
 */
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { describeWithChromium, openBrowser } from "../support/chromium.ts";
import { loading, signIn } from "../support/dashboard-page.ts";
import { dashboardWorld, type DashboardWorld } from "../support/dashboard-world.ts";

let browser: Browser;
let world: DashboardWorld;
let page: Page;

/** Loses what is asked for at such addresses. @param times so often @returns how often that was */
const lose = async (at: string, times: number): Promise<() => number> => {
  let lost = 0;
  await page.route(`**${at}`, async (route) => {
    if (lost >= times) return route.continue();
    lost += 1;
    return route.abort("connectionfailed");
  });
  return () => lost;
};

describeWithChromium("the dashboard, where a container starts while it is loaded,", () => {
  beforeAll(async () => {
    world = await dashboardWorld({});
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });
  beforeEach(async () => {
    page = await browser.newPage();
    page.setDefaultTimeout(20_000);
  });
  afterEach(() => page.close());

  it.each([
    ["the script that comes first", "/early.js"],
    ["a style", "/base.css"],
    ["the page's script", "/app.js"],
    ["a library", "/lib/preact.js"],
    ["the first view", "/live.js"],
    ["the question who is there", "/api/session"],
    ["signing in", "/api/login"],
    ["the turns", "/api/turns*"],
  ])("comes up all the same: %s was lost once", async (_what, at) => {
    const lost = await lose(at, 1);
    await signIn(page, world);
    await page.getByRole("heading", { level: 1, name: "Live" }).waitFor();
    await page.locator(".pill", { hasText: /^live$/ }).waitFor();
    expect(lost()).toBe(1);
    expect(await page.getByRole("alert").count()).toBe(0);
    // With its styles.
    const background = await page
      .getByRole("navigation", { name: "Views" })
      .evaluate("getComputedStyle(document.body).backgroundColor");
    expect(background).not.toBe("rgba(0, 0, 0, 0)");
  });

  it("says what to do, and stops asking, where its script never comes", async () => {
    const lost = await lose("/app.js", Infinity);
    await loading(() => page.goto(world.url));
    await expect.poll(lost).toBe(6);
    await page.getByText("A part of the page did not come.").waitFor();
    expect(lost()).toBe(6);
  });

  it("says that a view did not come, and loads it when it is told to", async () => {
    await signIn(page, world);
    const lost = await lose("/usage.js", 3);
    await page.getByRole("navigation").getByRole("link", { name: "Usage" }).click();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("heading", { level: 1, name: "Usage" }).waitFor();
    await expect.poll(() => page.getByRole("alert").count()).toBe(0);
    expect(lost()).toBe(3);
  });
});
