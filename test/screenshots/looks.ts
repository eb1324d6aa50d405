/** What is looked at: each a name and the way to it. */
import type { Page } from "playwright-core";
import { hostile } from "./worlds.ts";

export interface Look {
  readonly name: string;
  /** Behind `#/`. */
  readonly at: string;
  /** Steps from there. */
  readonly steps?: (page: Page) => Promise<unknown>;
}

const row = (text: string | RegExp) => async (page: Page) => {
  await page.locator(".turn", { hasText: text }).first().click();
  await page.locator(".facts").waitFor();
};

const button = (name: string | RegExp) => (page: Page) => page.getByRole("button", { name }).first().click();

const newKey = button("New key");

const edited = (from: string, to: string) => async (page: Page) => {
  const area = page.getByLabel("Configuration, YAML");
  await area.fill((await area.inputValue()).replace(from, to));
  await page
    .getByText(/valid, not saved|errors?$/)
    .first()
    .waitFor();
};

/** A request as large as the client's own. */
const largeRequest = JSON.stringify({
  model: "claude-opus-4-6",
  thinking: { type: "enabled", budget_tokens: 4000 },
  system: "You are an agent. ".repeat(22_000),
  messages: [{ role: "user", content: "Where does this go?" }],
});

/** Every view. */
export const views: readonly Look[] = ["live", "usage", "providers", "routes", "keys", "config", "logs"].map(
  (name) => ({ name, at: name }),
);

/** Of a router that has worked. */
export const details: readonly Look[] = [
  { name: "live-held", at: "live", steps: button("Hold") },
  { name: "live-filter", at: "live", steps: (page) => page.getByLabel("Filter turns").fill("img") },
  { name: "live-no-match", at: "live", steps: (page) => page.getByLabel("Filter turns").fill("qqq") },
  { name: "turn-done", at: "live", steps: row("claude-haiku-4-5") },
  { name: "turn-two-calls", at: "live", steps: row("calls") },
  { name: "turn-failed", at: "live", steps: row(/failed/) },
  { name: "turn-hostile", at: "live", steps: row(hostile) },
  { name: "turn-unknown", at: "turns/req_none" },
  { name: "usage-hours", at: "usage", steps: button("24 hours") },
  { name: "usage-month", at: "usage", steps: button("30 days") },
  { name: "usage-quarter", at: "usage", steps: button("90 days") },
  {
    name: "usage-session",
    at: "usage",
    steps: (page) => page.getByLabel("Added up by").selectOption("session"),
  },
  { name: "routes-asked", at: "routes", steps: button("Ask the rules") },
  {
    name: "routes-large",
    at: "routes",
    steps: async (page) => {
      await page.getByLabel("Request (POST /v1/messages)").fill(largeRequest);
      await button("Ask the rules")(page);
      await page.locator(".why").waitFor();
    },
  },
  {
    name: "routes-no-json",
    at: "routes",
    steps: async (page) => {
      await page.getByLabel("Request (POST /v1/messages)").fill("curl -d @x");
      await button("Ask the rules")(page);
    },
  },
  { name: "keys-new", at: "keys", steps: newKey },
  { name: "keys-revoke", at: "keys", steps: button("Revoke the key laptop") },
  { name: "config-error", at: "config", steps: edited("spare,gemini-2.5-flash-lite", "spaer,gemini-2.5") },
  {
    name: "config-changes",
    at: "config",
    steps: async (page) => {
      await edited("limit: 16,", "limit: 20,")(page);
      await button("Look through and save")(page);
    },
  },
  { name: "logs-errors", at: "logs", steps: (page) => page.getByLabel("Level").selectOption("40") },
  { name: "help", at: "live", steps: (page) => page.keyboard.press("?") },
];
