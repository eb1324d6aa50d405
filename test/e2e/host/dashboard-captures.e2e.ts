/** The page of a turn whose prompt and answer are kept. */
import { writeFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeWithChromium, openBrowser } from "../support/chromium.ts";
import { loading, signIn } from "../support/dashboard-page.ts";
import { dashboardWorld, type DashboardWorld } from "../support/dashboard-world.ts";

let browser: Browser;
let world: DashboardWorld;
let page: Page;

describeWithChromium("prompts and answers on the dashboard", () => {
  beforeAll(async () => {
    world = await dashboardWorld({});
    browser = await openBrowser();
    page = await browser.newPage({ viewport: { width: 390, height: 844 } });
    page.setDefaultTimeout(20_000);
    await signIn(page, world);
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });

  const ask = async (words: string): Promise<string> => {
    const { headers } = await world.ask({ messages: [{ role: "user", content: words }] });
    return headers.get("request-id")!;
  };

  /** The turn that was kept last; they are written behind the end of their answers. */
  const lastKept = async (): Promise<string | undefined> => {
    const answer = await fetch(`${world.url}/api/captures`, {
      headers: { authorization: `Bearer ${world.token}` },
    });
    return ((await answer.json()) as { captures: { id: string }[] }).captures[0]?.id;
  };

  it("says of a turn that nothing is kept, and of one that is kept where to read it", async () => {
    const first = await ask("Not for the disk.");
    await loading(() => page.goto(`${world.url}/#/turns/${first}`));
    await page.getByText("Prompt and answer are not kept.").waitFor();

    writeFileSync(world.config, `${world.readConfig()}capture: { requests: true, answers: true }\n`);
    let id: string | undefined;
    await expect
      .poll(async () => {
        await ask("Remember <b>this</b>.");
        return (id = await lastKept());
      })
      .toBeDefined();
    await loading(() => page.goto(`${world.url}/#/turns/${id}`));
    await page.getByText("kept in plain text").waitFor();
    const [opened] = await Promise.all([
      page.waitForEvent("popup"),
      page.getByRole("link", { name: "What the client sent" }).click(),
    ]);
    await opened.waitForLoadState();
    const text = await opened.locator("body").innerText();
    expect(text).toContain("Remember <b>this</b>.");
    expect(await opened.locator("b").count()).toBe(0);
    await opened.close();
    const answer = page.getByRole("link", { name: "What it was answered" });
    expect(await answer.getAttribute("href")).toMatch(/^\/api\/captures\/req_\w+\/answer$/);
  });
});
