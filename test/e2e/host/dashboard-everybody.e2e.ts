/** The dashboard for everybody: by the keyboard, by a screen reader, in the dark, on a phone. */
import { createRequire } from "node:module";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeWithChromium } from "../support/chromium.ts";
import {
  loading,
  openDashboard,
  shows,
  signIn,
  views,
  type OpenDashboard,
} from "../support/dashboard-page.ts";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

interface AxeResult {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}
let dashboard: OpenDashboard;

describeWithChromium("the dashboard", () => {
  beforeAll(async () => {
    dashboard = await openDashboard();
    for (const content of ["grok", "FAIL"])
      await dashboard.world.ask({ stream: true, messages: [{ role: "user", content }] });
  });
  afterAll(() => dashboard?.close());

  it("is used by the keyboard alone", async () => {
    const { page, world } = dashboard;
    await signIn(page, world);
    await page.locator("body").press("4");
    await shows(page, "routes");
    expect(await page.evaluate("document.activeElement?.tagName")).toBe("H1");
    await page.keyboard.press("1");
    await shows(page, "live");
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(() => page.getByRole("dialog").count(), { timeout: 10_000 }).toBe(0);
    await page.keyboard.press("/");
    await page.keyboard.type("grok");
    expect(await page.getByLabel("Filter turns").inputValue()).toBe("grok");
    await page.getByLabel("Filter turns").blur();
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.getByText("Why it was routed so").waitFor();
    await page.keyboard.press("t");
    expect(await page.evaluate("document.documentElement.dataset.theme")).toBe("dark");
  });

  it.each(["light", "dark"] as const)(
    "has nothing serious that stands in the way of anybody (%s)",
    async (colorScheme) => {
      const { browser, world } = dashboard;
      // axe is put into the page, which its policy forbids to others.
      const own = await browser.newContext({ colorScheme, bypassCSP: true });
      const on = await own.newPage();
      const found: string[] = [];
      const look = async (where: string): Promise<void> => {
        await on.waitForTimeout(400);
        await on.addScriptTag({ path: axe });
        const violations = await on.evaluate<readonly AxeResult[]>(
          "axe.run().then(({ violations }) => violations)",
        );
        for (const { id, impact, nodes } of violations)
          if (impact === "serious" || impact === "critical")
            found.push(`${where}: ${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
      };
      try {
        await loading(() => on.goto(world.url));
        await on.getByLabel("Administrator's token").waitFor();
        await look("login");
        await signIn(on, world);
        for (const view of views) {
          await loading(() => on.goto(`${world.url}/#/${view}`));
          await shows(on, view);
          if (view === "routes") {
            await on.getByRole("button", { name: "Ask the rules" }).click();
            await on.locator(".why").waitFor();
          }
          await look(view);
        }
        await loading(() => on.goto(`${world.url}/#/keys`));
        await on.getByRole("button", { name: "New key" }).click();
        await look("a new key");
        await loading(() => on.goto(`${world.url}/#/turns/req_${"0".repeat(24)}`));
        await on.locator(".facts").waitFor();
        await look("turn");
      } finally {
        await own.close();
      }
      expect(found).toEqual([]);
    },
  );

  it("fits a phone: no view is wider than its window", async () => {
    const { browser, world } = dashboard;
    const own = await browser.newContext({ viewport: { width: 360, height: 740 } });
    const on = await own.newPage();
    try {
      await signIn(on, world);
      for (const view of views) {
        await loading(() => on.goto(`${world.url}/#/${view}`));
        await shows(on, view);
        await on.waitForTimeout(300);
        const over = await on.evaluate(
          "document.documentElement.scrollWidth - document.documentElement.clientWidth",
        );
        expect([view, over]).toEqual([view, 0]);
      }
    } finally {
      await own.close();
    }
  });
});
