/** The dashboard in Chromium, on a router as its user starts it, with turns that really run. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeWithChromium } from "../support/chromium.ts";
import {
  open as openView,
  loading,
  openDashboard,
  signIn,
  type OpenDashboard,
  type View,
  views,
} from "../support/dashboard-page.ts";
import { canary, type DashboardWorld } from "../support/dashboard-world.ts";

let dashboard: OpenDashboard;
let world: DashboardWorld;
let page: Page;

const eventually = <Value>(of: () => Value | Promise<Value>) => expect.poll(of, { timeout: 10_000 });

const open = (view: View): Promise<void> => openView(page, view);

const say = (content: string, more: object = {}): ReturnType<DashboardWorld["ask"]> =>
  world.ask({ stream: true, messages: [{ role: "user", content }], ...more });

const editor = () => page.getByLabel("Configuration, YAML");

describeWithChromium("the dashboard", () => {
  beforeAll(async () => {
    dashboard = await openDashboard();
    ({ world, page } = dashboard);
  });

  afterAll(() => dashboard?.close());

  it("lets nobody in with a wrong token, and says so", async () => {
    await loading(() => page.goto(world.url));
    await page.getByLabel("Administrator's token").fill("swa-wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await eventually(() => page.getByRole("alert").innerText()).toMatch(/token/i);
    expect(dashboard.complaints.splice(0)).toEqual([expect.stringContaining("401")]);
  });

  it("keeps the session in a cookie that no script reads and no other site sends", async () => {
    await signIn(page, world);
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict" });
    expect(await page.evaluate("document.cookie")).toBe("");
    await loading(() => page.reload());
    await page.getByRole("heading", { level: 1, name: "Live" }).waitFor();
  });

  it("shows a turn from its beginning, with its speed, until it is done, and why it was routed so", async () => {
    // A turn that began before the page listened is shown when it has ended.
    await page.locator(".pill", { hasText: /^live$/ }).waitFor();
    const turn = say("OVER:4000", { model: "claude-haiku-4-5" });
    const row = page.locator(".turn", { hasText: "running" });
    await eventually(() => row.count()).toBe(1);
    expect(await row.innerText()).toContain("background");
    await eventually(() => row.locator('[data-name="tok/s"]').innerText()).toMatch(/^\d+$/);
    expect((await turn).status).toBe(200);
    const first = page.locator(".turn").first();
    await eventually(() => first.innerText()).toContain("done");
    await eventually(() => first.locator('[data-name="out"]').innerText()).toBe("340");
    await first.click();
    await page.getByText("The client asked for a small model").waitFor();
    const why = await page.locator(".why").innerText();
    expect(why).toMatch(/longContext\s+a body of \d+ bytes cannot exceed 60000 tokens/);
    expect(why.trim()).toMatch(/background\s+a haiku model of Claude's$/);
    expect(await page.getByRole("region", { name: "Calls of providers" }).innerText()).toContain("served");
    expect(await page.locator(".legend").innerText()).toContain("800");
  });

  it("shows which target failed before another one answered", async () => {
    await open("live");
    const answer = await say("FAIL");
    expect(answer.headers.get("x-switchyard-target")).toBe("spare,gemini-2.5-flash");
    const first = page.locator(".turn").first();
    await eventually(() => first.innerText()).toMatch(/spare\s+gemini-2\.5-flash\s[\s\S]*2 calls/);
    await first.click();
    const calls = page.getByRole("region", { name: "Calls of providers" });
    await calls.waitFor();
    expect(await calls.innerText()).toMatch(
      /main,x-ai\/grok-4\.1-fast[\s\S]*500[\s\S]*spare,gemini-2\.5-flash\s[\s\S]*served/,
    );
  });

  it("draws tokens, cost, rules, cache and latency of the weeks before, and gives them as a file", async () => {
    await open("usage");
    await eventually(() => page.locator(".u-wrap canvas").count()).toBe(7);
    const times = page.locator(".panel", { hasText: "Time of a whole turn" });
    await times.locator("summary").click();
    expect(await times.getByRole("table").innerText()).toMatch(
      /half within\s+95 % within\s+99 % within[\s\S]*\d (?:ms|s)/,
    );
    await page.getByRole("button", { name: "30 days" }).click();
    await eventually(() => page.getByRole("region", { name: "Usage by Model" }).innerText()).toContain(
      "local,qwen3-coder-30b",
    );
    const row = page.getByRole("row", { name: /local,qwen3-coder-30b/ });
    expect(await row.innerText()).toContain("unknown");
    await page.getByLabel("Added up by").selectOption("rule");
    await page.getByRole("region", { name: "Usage by Rule" }).getByText("custom:night").waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "CSV" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("switchyard-usage.csv");
  });

  it("switches a provider off: turns go to the next target, until it is switched on again", async () => {
    await open("providers");
    const main = page.getByRole("switch", { name: "Use main" });
    await main.click();
    await eventually(() => main.getAttribute("aria-checked")).toBe("false");
    const instead = await say("hello");
    expect(instead.headers.get("x-switchyard-target")).toBe("spare,gemini-2.5-flash");
    await main.click();
    await eventually(() => main.getAttribute("aria-checked")).toBe("true");
    await page.getByRole("button", { name: "Clear all rests" }).click();
    expect((await say("hello")).headers.get("x-switchyard-target")).toBe("main,x-ai/grok-4.1-fast");
  });

  it("says for a request that is pasted what each rule answers, and calls nobody", async () => {
    await open("routes");
    const before = world.provider.requests.length;
    await page.getByLabel("Request (POST /v1/messages)").fill(
      JSON.stringify({
        model: "claude-opus-4-6",
        thinking: { type: "enabled", budget_tokens: 4000 },
        messages: [{ role: "user", content: "x" }],
      }),
    );
    await page.keyboard.press("Control+Enter");
    await page.locator(".why .yes", { hasText: "think" }).waitFor();
    expect(await page.locator(".chain.big").innerText()).toContain("main,deepseek/deepseek-v3.2");
    expect(world.provider.requests).toHaveLength(before);
  });

  it("shows the routes of a profile, makes it the default, and goes back", async () => {
    await open("routes");
    const rules = page.getByRole("region", { name: "Rules in order" });
    await page.getByLabel("Routes of").selectOption("anthropic");
    await eventually(() => rules.innerText()).toContain("anthropic,*");
    await page.getByRole("button", { name: "Make it the default" }).click();
    await page.getByRole("button", { name: "Go back to no profile" }).waitFor();
    await eventually(() => rules.innerText()).toContain("anthropic,*");
    const health = await (await fetch(`${world.url}/health`)).json();
    expect(health).toMatchObject({ profile: "anthropic" });
    await loading(() => page.reload());
    await page.getByText("profile anthropic", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Go back to no profile" }).click();
    await eventually(() => rules.innerText()).not.toContain("anthropic,*");
    await open("config");
    await page.getByRole("region", { name: "Profiles" }).getByText("ZAI_API_KEY is not set").waitFor();
  });

  it("refuses an invalid edit of the configuration, with the line, and writes nothing", async () => {
    await open("config");
    const before = world.readConfig();
    await editor().fill(before.replace('background: "spare,', 'background: "spaer,'));
    const problem = page.locator(".problems button");
    await eventually(() => problem.first().innerText()).toMatch(/line \d+:\d+ .*routes\.background.*spaer/s);
    expect(await problem.first().innerText()).toContain('Did you mean "spare"');
    expect(await page.getByRole("button", { name: "Look through and save" }).isDisabled()).toBe(true);
    await problem.first().click();
    const at = await editor().evaluate<number, { selectionStart: number }>((area) => area.selectionStart);
    const line = before.slice(0, at).split("\n").length;
    expect(before.split("\n")[line - 1]).toContain("background:");
    expect(world.readConfig()).toBe(before);
  });

  it("saves a valid edit after a look at what changes: it takes effect, comments and variables stay, and the version before can be had back", async () => {
    const before = world.readConfig();
    await editor().fill(
      before.replace('default: ["main,x-ai/grok-4.1-fast", ', 'default: ["local,qwen3-coder-30b", '),
    );
    await page.getByText("valid, not saved").waitFor();
    await editor().press("Control+s");
    const dialog = page.getByRole("dialog");
    await dialog.locator(".diff .add").waitFor();
    expect(await dialog.locator(".diff .add").allInnerTexts()).toEqual([
      expect.stringContaining('default: ["local,qwen3-coder-30b", "spare,gemini-2.5-flash"]'),
    ]);
    await dialog.getByRole("button", { name: "Save and put in force" }).click();
    await page.getByText("Saved, and in force.").waitFor();
    expect((await say("hello")).headers.get("x-switchyard-target")).toBe("local,qwen3-coder-30b");
    expect(world.readConfig()).toContain("main: # asked first");
    expect(world.readConfig()).toContain('keys: ["${MAIN_KEY}", ');
    expect(world.readConfig()).not.toContain(canary);

    const versions = page.getByLabel("Take a version before");
    await versions.selectOption({ index: 1 });
    await page.getByText("valid, not saved").waitFor();
    await page.getByRole("button", { name: "Look through and save" }).click();
    await dialog.getByRole("button", { name: "Save and put in force" }).click();
    await page.getByText("Saved, and in force.").waitFor();
    expect(world.readConfig()).toBe(before);
  });

  it("makes a client key that opens the router, and takes it back", async () => {
    await open("keys");
    await page.getByRole("button", { name: "New key" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("laptop");
    await dialog.getByLabel("Models").fill("main,*");
    await dialog.getByRole("button", { name: "Make the key" }).click();
    const key = await dialog.locator("[data-secret]").innerText();
    await dialog.getByRole("button", { name: "Done" }).click();
    expect((await say("hello")).status).toBe(401);
    expect((await world.ask({}, { "x-api-key": key })).headers.get("x-switchyard-target")).toBe(
      "main,x-ai/grok-4.1-fast",
    );
    const row = page.getByRole("row", { name: /laptop/ });
    expect(await row.innerText()).toContain("models: main,*");
    expect(await page.content()).not.toContain(key);
    await page.getByRole("button", { name: "Revoke the key laptop" }).click();
    await dialog.getByRole("button", { name: "Revoke" }).click();
    await eventually(() => row.innerText()).toContain("revoked");
    expect((await world.ask({}, { "x-api-key": key })).status).toBe(401);
  });

  it("shows a budget that is reached, and the turn that it refuses", async () => {
    await page.getByRole("button", { name: "New key" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("poor");
    await dialog.getByLabel("Budget, US dollars").fill("0.0002");
    await dialog.locator("select[name=per]").selectOption("day");
    await dialog.getByRole("button", { name: "Make the key" }).click();
    const key = await dialog.locator("[data-secret]").innerText();
    await dialog.getByRole("button", { name: "Done" }).click();
    const first = await world.ask({ max_tokens: 8 }, { "x-api-key": key });
    expect(first.status).toBe(200);
    const budget = page.getByRole("region", { name: "Budgets" }).getByRole("row", { name: /key poor/ });
    await eventually(() => budget.innerText()).toContain("reached");
    const notices = page.getByRole("region", { name: "Notices" });
    await expect.poll(() => notices.innerText(), { timeout: 25_000 }).toContain("the key poor is used up");
    const second = await world.ask({ max_tokens: 8 }, { "x-api-key": key });
    expect(second.status).toBeGreaterThanOrEqual(400);
    expect(second.text).toContain("budget");
  });

  it("shows the log as it grows, and no key in it", async () => {
    await open("logs");
    await page.getByLabel("Filter lines").fill("keys.revoked");
    await eventually(() => page.locator(".log li").count()).toBe(1);
    expect(await page.locator(".log").innerText()).toContain("laptop");
    await page.getByLabel("Filter lines").fill("");
    expect(await page.locator(".log").innerText()).not.toContain(canary);
  });

  it("shows script in model names, headers and log lines as the text that it is", async () => {
    const evil = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';
    const keyless = { "x-claude-code-session-id": evil, "x-api-key": evil };
    await world.ask({ model: `claude-sonnet-4-5${evil}` }, keyless);
    const made = await page.evaluate(async () => {
      const { csrf } = (await (await fetch("/api/session")).json()) as { csrf: string };
      const answer = await fetch("/api/keys", {
        method: "POST",
        headers: { "content-type": "application/json", "x-switchyard-csrf": csrf },
        body: JSON.stringify({ name: "evil" }),
      });
      return ((await answer.json()) as { key: string }).key;
    });
    const answer = await world.ask(
      { model: `main,${evil}` },
      { "x-api-key": made, "x-claude-code-session-id": evil },
    );
    expect(answer.status).toBe(200);
    for (const view of views) {
      await open(view);
      await page.waitForTimeout(300);
    }
    await open("live");
    await page.locator(".turn", { hasText: "<img src=x" }).first().click();
    await page.locator(".facts").waitFor();
    expect(await page.locator("main").innerText()).toContain("<script>");
    expect(
      await page.evaluate(
        "[typeof window.hacked, document.querySelectorAll('main img, main script').length]",
      ),
    ).toEqual(["undefined", 0]);
  });

  it("asked nobody but the router, and never complained", async () => {
    const { asked, complaints } = dashboard;
    expect([...new Set(asked.map((url) => new URL(url).origin))]).toEqual([world.url]);
    expect(complaints).toEqual([]);
    expect(asked.filter((url) => url.includes("/assets/")).length).toBeGreaterThan(10);
  });

  it("ends the session where somebody signs out", async () => {
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("Administrator's token").waitFor();
    expect((await page.request.get(`${world.url}/api/state`)).status()).toBe(401);
  });
});
