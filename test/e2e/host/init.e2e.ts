/**
 * A new user's path in a terminal: a checkout, `switchyard init`, the first answer of Claude Code. What was typed, what was asked and how
 * long it took is printed with FIGURES=1; docs/getting-started.md has those figures.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Checkout, checkout } from "../../support/checkout.ts";
import { startRefusingProvider } from "../../support/provider/refusing.ts";
import type { ScriptedProvider } from "../../support/provider/server.ts";
import { project, type Project } from "../support/project.ts";
import { openTerminal, type Terminal } from "../support/tmux.ts";

let own: Project;
let place: Checkout;
let provider: ScriptedProvider;
let terminal: Terminal | undefined;
beforeEach(async () => {
  own = project("");
  provider = await startRefusingProvider("the first answer");
  place = checkout(provider.url);
});
afterEach(async () => {
  terminal?.close();
  await provider.close();
  place.remove();
  own.remove();
});

const open = (): Terminal =>
  (terminal = openTerminal("bash --norc", {
    env: { ...own.env, PS1: "$ ", DOCKER_HOST: `unix://${own.folder}/no-engine.sock` },
    cwd: place.folder,
  }));

const hasTmux = spawnSync("tmux", ["-V"]).status === 0;

it("this machine has tmux", () => expect(hasTmux).toBe(true));

it("two questions, a key that is refused, the right one: then Claude Code answers by it, and no key is on the screen", async () => {
  const screen = open();
  const began = Date.now();
  await screen.line("bin/switchyard init");
  await screen.shows("What do you use today?");
  screen.key("Enter");
  await screen.shows("Which keys do you have?");
  // The fifth of the list is GLM.
  for (const key of ["Down", "Down", "Down", "Down", "Space", "Enter"]) screen.key(key);
  await screen.shows("ZAI_API_KEY:");
  await screen.line("wrong-zai-key-1");
  await screen.shows("zai does not answer.");
  expect(screen.screen()).toContain("no such key");
  screen.key("Enter");
  await screen.shows(/ZAI_API_KEY:[\s\S]*zai does not answer[\s\S]*ZAI_API_KEY:/);
  await screen.line("right-zai-key-1");
  await screen.shows("1 of 1 providers answer");
  await screen.shows("Next:");
  const configured = Date.now();
  expect(screen.screen()).not.toMatch(/(right|wrong)-zai-key-1/);
  expect(readFileSync(place.config, "utf8")).toContain("zai,glm-5.1");
  expect(readFileSync(join(own.home, ".config/switchyard/keys.env"), "utf8")).toBe(
    "ZAI_API_KEY=right-zai-key-1\n",
  );
  await screen.line("bin/switchyard shell router -- claude -p hello");
  await screen.shows("the first answer", 240_000);
  if (process.env["FIGURES"] === "1")
    process.stdout.write(
      `init ${(configured - began) / 1000} s, first answer after ${(Date.now() - began) / 1000} s\n`,
    );
  expect(provider.requests.at(-1)!.body.model).toBe("glm-5.1");
}, 300_000);

it("who uses another tool today answers one question, and has its configuration and its key taken over", async () => {
  const file = join(own.home, ".claude-code-router/config.json");
  mkdirSync(dirname(file));
  const there = JSON.stringify({
    Providers: [
      {
        name: "mine",
        api_base_url: `${provider.url}/own/v1/chat/completions`,
        api_key: "right-key-1",
        models: ["m-1"],
      },
    ],
    Router: { default: "mine,m-1" },
  });
  writeFileSync(file, there);
  const screen = open();
  await screen.line("bin/switchyard init; echo status=$?");
  await screen.shows("claude-code-router");
  for (const key of ["Down", "Down", "Enter"]) screen.key(key);
  await screen.shows("status=0");
  // No other question was asked, and the provider was, with its key.
  expect(screen.screen().match(/^◇ /gm)).toHaveLength(2);
  expect(screen.screen()).toContain("1 of 1 providers answer");
  expect(screen.screen()).not.toContain("right-key-1");
  expect(provider.requests.map(({ headers }) => headers.authorization)).toEqual(["Bearer right-key-1"]);
  expect(readFileSync(place.config, "utf8")).toContain("mine,m-1");
  expect(readFileSync(place.config, "utf8")).not.toContain("right-key-1");
  expect(readFileSync(join(own.home, ".config/switchyard/keys.env"), "utf8")).toContain("right-key-1");
  expect(readFileSync(file, "utf8")).toBe(there);
});

it("Ctrl-C leaves everything as it was", async () => {
  const screen = open();
  await screen.line("bin/switchyard init; echo status=$?");
  await screen.shows("What do you use today?");
  screen.key("C-c");
  await screen.shows("status=130");
  expect(screen.screen()).toContain("Stopped; nothing was written");
  expect(screen.screen()).not.toContain("Wrong use");
  expect(() => readFileSync(place.config)).toThrow(/ENOENT/);
});
