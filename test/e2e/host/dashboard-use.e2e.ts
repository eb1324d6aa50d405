/** The dashboard as somebody uses it for a while: two tabs, the way back, a router that goes away, a session that ends. */
import { writeFileSync } from "node:fs";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeWithChromium, openBrowser } from "../support/chromium.ts";
import { dashboardWorld, type DashboardWorld } from "../support/dashboard-world.ts";
import { loading, signIn } from "../support/dashboard-page.ts";

const history = 1500;

interface Box {
  readonly scrollWidth: number;
  readonly clientWidth: number;
  readonly lastElementChild: Box;
}

let browser: Browser;
let world: DashboardWorld;
let context: BrowserContext;
let page: Page;
/** The administrator's, as it is now. */
let token: string;

const eventually = <Value>(of: () => Value | Promise<Value>, timeout = 20_000) =>
  expect.poll(of, { timeout });

const say = (content: string, more: object = {}, headers: Record<string, string> = {}) =>
  world.ask({ stream: true, messages: [{ role: "user", content }], ...more }, headers);

const open = async (at: string, on = page): Promise<void> => {
  await loading(() => on.goto(`${world.url}/#/${at}`));
  await on.locator("main h1").waitFor();
};

const editor = (on = page) => on.getByLabel("Configuration, YAML");

/** Puts the text of the file into the editor with one thing in another's place. */
const edit = async (from: string, to: string, on = page): Promise<void> => {
  await eventually(() => editor(on).inputValue()).toContain(from);
  await editor(on).fill((await editor(on).inputValue()).replace(from, to));
  await on.getByText("valid, not saved").waitFor();
};

const save = async (on = page): Promise<void> => {
  await on.getByRole("button", { name: "Look through and save" }).click();
  await on.getByRole("button", { name: "Save and put in force" }).click();
};

describeWithChromium("the dashboard in use", () => {
  beforeAll(async () => {
    world = await dashboardWorld({ history });
    browser = await openBrowser();
    context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      timezoneId: "Asia/Kolkata",
    });
    page = await context.newPage();
    page.setDefaultTimeout(20_000);
    await signIn(page, world);
  });

  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });

  it("shows the turns of a session that is long past, from its line in the usage", async () => {
    await say("hello", {}, { "x-claude-code-session-id": "of-today" });
    await open("usage/30/session");
    await page.getByRole("link", { name: "5e551011-0000-4000-8000-000000000003" }).click();
    await page.getByText("Turns of the session").waitFor();
    await eventually(() => page.locator(".turn").count()).toBe(100);
    await say("hello", {}, { "x-claude-code-session-id": "of-today" });
    await loading(() => page.goto(`${world.url}/#/live/session/of-today`));
    await eventually(() => page.locator(".turn").count()).toBe(2);
    await say("hello", {}, { "x-claude-code-session-id": "of-today" });
    await eventually(() => page.locator(".turn").count()).toBe(3);
  });

  it("keeps range and grouping over a reload, and goes back one choice at a time", async () => {
    await open("usage");
    await page.getByRole("button", { name: "30 days" }).click();
    await page.getByLabel("Added up by").selectOption("rule");
    await page.getByRole("region", { name: "Usage by Rule" }).waitFor();
    await loading(() => page.reload());
    await page.getByRole("region", { name: "Usage by Rule" }).waitFor();
    const pressed = () => page.locator('.choice [aria-pressed="true"]').innerText();
    expect(await pressed()).toBe("30 days");
    await page.goBack();
    await page.getByRole("region", { name: "Usage by Model" }).waitFor();
    expect(await pressed()).toBe("30 days");
    await page.goBack();
    await eventually(pressed).toBe("7 days");
  });

  it("has the words of the filter still when somebody comes back from a turn", async () => {
    await open("live");
    await page.getByLabel("Filter turns").fill("grok");
    await page.locator(".turn").first().click();
    await page.locator(".facts").waitFor();
    await page.goBack();
    await page.locator(".turn").first().waitFor();
    expect(await page.getByLabel("Filter turns").inputValue()).toBe("grok");
    await page.getByLabel("Filter turns").fill("");
  });

  it("tells the time of the one who looks, not of the router", async () => {
    await open("live");
    await say("hello");
    const here = (at: number) =>
      new Date(at).toLocaleTimeString("en", {
        timeZone: "Asia/Kolkata",
        hour: "2-digit",
        minute: "2-digit",
        hour12: false,
      });
    const [before, now] = [Date.now() - 60_000, Date.now()].map(here);
    const shown = (await page.locator(".turn-time").first().innerText()).slice(0, 5);
    expect([before, now]).toContain(shown);
  });

  it("tells who saves a configuration that another tab has changed, and loses neither change", async () => {
    const other = await context.newPage();
    other.setDefaultTimeout(20_000);
    await open("config");
    await open("config", other);
    await edit("threshold: 60000", "threshold: 61000");
    // It looks after the file by itself: here nothing is seen before it saves.
    let saved = false;
    await page.route("**/api/config", (route, request) => {
      saved ||= request.method() === "PUT";
      return saved ? route.continue() : route.abort();
    });
    await edit("limit: 5,", "limit: 7,", other);
    await save(other);
    await other.getByText("Saved, and in force.").waitFor();
    await save();
    await page.getByText("The file was changed by somebody else").waitFor();
    await page.unroute("**/api/config");
    expect(world.readConfig()).toContain("limit: 7,");
    expect(world.readConfig()).toContain("threshold: 60000");
    expect(await editor().inputValue()).toContain("threshold: 61000");
    await page.getByRole("button", { name: "Compare mine" }).click();
    await page.getByRole("button", { name: "Look through and save" }).click();
    await page.locator(".diff .del", { hasText: "limit: 7," }).waitFor();
    await page.getByRole("button", { name: "Back" }).click();
    await edit("limit: 5,", "limit: 7,");
    await save();
    await page.getByText("Saved, and in force.").waitFor();
    expect(world.readConfig()).toMatch(/threshold: 61000[\s\S]*limit: 7,/);
    await other.close();
  });

  it("keeps an edit that is not saved while another view is looked at, and while somebody signs in again", async () => {
    await open("config");
    await edit("threshold: 61000", "threshold: 62000");
    await page.getByRole("navigation").getByRole("link", { name: "Live" }).click();
    await page.locator(".turn").first().waitFor();
    await page.getByRole("navigation").getByRole("link", { name: "Configuration" }).click();
    await eventually(() => editor().inputValue()).toContain("threshold: 62000");
    token = await world.newToken();
    await page.getByText("The session has ended.").waitFor();
    await page.getByLabel("Administrator's token").fill(token);
    await page.getByRole("button", { name: "Sign in" }).click();
    await eventually(() => editor().inputValue()).toContain("threshold: 62000");
    await page.getByRole("button", { name: "Undo all" }).click();
    expect(await editor().inputValue()).toContain("threshold: 61000");
  });

  it("changes what it is told to in a tab that was open before another one signed in anew", async () => {
    await open("live");
    const other = await context.newPage();
    other.setDefaultTimeout(20_000);
    await open("providers");
    const spare = page.getByRole("switch", { name: "Use spare" });
    await spare.waitFor();
    // The tab has the cookie of the new session then, and the token of the one before.
    await loading(() => other.goto(world.url));
    await other.evaluate(async (token) => {
      const json = { "content-type": "application/json" };
      await fetch("/api/login", { method: "POST", headers: json, body: JSON.stringify({ token }) });
    }, token);
    await spare.click();
    await eventually(() => spare.getAttribute("aria-checked")).toBe("false");
    await spare.click();
    await eventually(() => spare.getAttribute("aria-checked")).toBe("true");
    await other.close();
  });

  it("says on every view that a change of the file is not in force, and where it is wrong", async () => {
    const before = world.readConfig();
    await open("live");
    writeFileSync(world.config, before.replace('background: "spare,', 'background: "spaer,'));
    const notices = page.getByRole("region", { name: "Notices" });
    await eventually(() => notices.innerText()).toMatch(/not in force[\s\S]*spaer/);
    await notices.getByRole("link").click();
    await page.locator(".problems button", { hasText: "routes.background" }).waitFor();
    writeFileSync(world.config, before);
    await eventually(() => notices.count(), 30_000).toBe(0);
    await page.getByText("as in the file").waitFor();
  });

  it("answers for a request of 400 KB that is pasted with the headers it was sent with, a client's key among them", async () => {
    await open("routes");
    const recorded = {
      method: "POST",
      url: "/v1/messages?beta=true",
      headers: {
        authorization: "Bearer sk-ant-of-the-client",
        "content-type": "application/json",
        host: "127.0.0.1:4010",
        "x-claude-code-agent-id": "a1",
      },
      body: JSON.stringify({
        model: "claude-opus-4-6",
        max_tokens: 32_000,
        system: "You look for files, and say where they are. ".repeat(9_000),
        messages: [{ role: "user", content: "Where is it?" }],
      }),
    };
    await page.getByLabel("Request (POST /v1/messages)").fill(JSON.stringify(recorded));
    await page.getByRole("button", { name: "Ask the rules" }).click();
    await page.locator(".why .yes", { hasText: "longContext" }).waitFor();
    expect(await page.getByRole("navigation", { name: "Views" }).count()).toBe(1);
  });

  it("says which header is none, and does not blame the router", async () => {
    await page.getByLabel("Headers").fill("x-a: b\nnonsense here");
    await page.getByRole("button", { name: "Ask the rules" }).click();
    await eventually(() => page.getByRole("alert").innerText()).toContain("nonsense here");
    await page.getByLabel("Headers").fill("");
  });

  it("shows in full, to who points at it, a name that is too long for its column", async () => {
    const long = `local,${"a-model-with-a-long-name/".repeat(6)}turbo`;
    await say("hello", { model: long });
    await open("live");
    const models = page.locator(".turn-models").first();
    await eventually(() => models.getAttribute("title")).toContain(long);
    const [cut, inside] = await models.evaluate<[boolean, boolean], Box>((element) => [
      element.lastElementChild.scrollWidth > element.lastElementChild.clientWidth,
      element.scrollWidth <= element.clientWidth,
    ]);
    expect({ cut, inside }).toEqual({ cut: true, inside: true });
  });

  it("listens again when the router has been started anew, and shows nothing as running that was cut off", async () => {
    await open("live");
    await page.locator(".pill", { hasText: /^live$/ }).waitFor();
    const cut = say("OVER:60000").catch(() => undefined);
    const running = page.locator(".turn", { hasText: "running" });
    await eventually(() => running.count()).toBe(1);
    await world.kill();
    await cut;
    await page.locator(".pill", { hasText: "connecting" }).waitFor();
    await world.start();
    await page.locator(".pill", { hasText: /^live$/ }).waitFor();
    await eventually(() => running.count()).toBe(0);
    await say("hello", { model: "claude-haiku-4-5" });
    await eventually(() => page.locator(".turn").first().innerText()).toMatch(/done[\s\S]*background/);
  });
});

describeWithChromium("the dashboard of a router without a ledger", () => {
  it("says that it is off, shows turns as they come, and offers no file of nothing", async () => {
    const bare = await dashboardWorld({
      yaml: () => 'ledger: { enabled: false }\nroutes: { default: "demo,echo" }\n',
    });
    const chromium = await openBrowser();
    try {
      const on = await chromium.newPage();
      on.setDefaultTimeout(20_000);
      await signIn(on, bare);
      await on.getByText("The ledger is switched off").waitFor();
      await on.getByText("No turn yet").waitFor();
      await bare.ask();
      await eventually(() => on.locator(".turn").first().innerText()).toContain("done");
      await on.getByRole("navigation").getByRole("link", { name: "Usage" }).click();
      // The view before says a part of it, too.
      await on.getByText("start the router anew").waitFor();
      expect(await on.getByRole("link", { name: "CSV" }).count()).toBe(0);
      expect(await on.getByRole("alert").count()).toBe(0);
    } finally {
      await chromium.close();
      await bare.close();
    }
  });
});
