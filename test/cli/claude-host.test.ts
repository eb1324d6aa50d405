/** `switchyard claude` and `switchyard team` on the host, with a client that only prints what it is given. */
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { clientGiven, clientSandbox, type ClientGiven, type Sandbox } from "../support/cli.ts";

let own: Sandbox;
let config: string;
beforeEach(() => {
  own = clientSandbox();
  config = join(own.folder, "own.yaml");
  writeFileSync(
    config,
    `
routes: { default: ["demo,usual"] }
profiles:
  blue: { models: { sonnet: "demo,blue" }, contextWindow: 100000, effort: low }
  green: { models: { sonnet: "demo,green" }, contextWindow: 50000 }
`,
  );
});
afterEach(() => own.remove());

const run = (command: string, options: string[], args: string[] = []) =>
  own.run([command, "--runtime", "host", "--config", config, ...options, "--", ...args]);
const seen = async (command: string, options: string[], args: string[] = []): Promise<ClientGiven> =>
  clientGiven((await run(command, options, args)).stdout);

describe("switchyard claude", () => {
  it("has address, key, profile and limits in a settings file of its own, which is gone afterwards", async () => {
    const { args, file, settings, env } = await seen("claude", ["--profile", "blue"], ["-p", "a b"]);
    expect(args).toEqual(["--settings", file, "-p", "a b"]);
    expect(settings.env).toMatchObject({
      ANTHROPIC_BASE_URL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as string,
      ANTHROPIC_AUTH_TOKEN: expect.stringMatching(/^sw-/) as string,
      ANTHROPIC_CUSTOM_HEADERS: "x-switchyard-profile: blue",
      CLAUDE_CODE_MAX_CONTEXT_TOKENS: "100000",
      CLAUDE_CODE_EFFORT_LEVEL: "low",
      CLAUDE_CODE_USE_BEDROCK: "",
    });
    expect(settings.env["ANTHROPIC_BASE_URL"]).toBe(env["ANTHROPIC_BASE_URL"]);
    expect(readdirSync(join(own.state, "host/runs"))).toEqual([]);
  });

  it.each(["claude", "team"])(
    "%s takes no second --settings, which would lead past the router",
    async (command) => {
      for (const args of [
        ["--settings", "mine.json"],
        ["-p", "a", "--settings={}"],
      ]) {
        const { status, stdout, stderr } = await run(command, [], args);
        expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
        expect(stderr).toContain("--settings behind `--`");
      }
    },
  );

  it("nobody else may read that file", async () => {
    own.program(
      "claude",
      `#!/bin/sh\n[ "$1" = --version ] && { echo "2.1.329 (Claude Code)"; exit 0; }\nstat -c %a "$2" 2>/dev/null || stat -f %Lp "$2"\n`,
    );
    expect((await run("claude", ["--profile", "blue"])).stdout).toBe("600\n");
  });

  it("without a profile names none", async () => {
    const { settings } = await seen("claude", []);
    expect(settings.env).not.toHaveProperty("ANTHROPIC_CUSTOM_HEADERS");
  });

  it("on the user's own subscription the router's key travels in a header, and a login of the environment stays", async () => {
    own.env["CLAUDE_CODE_OAUTH_TOKEN"] = "own-login-token";
    const mine = await seen("claude", ["--profile", "anthropic"]);
    expect(mine.settings.env["ANTHROPIC_CUSTOM_HEADERS"]).toMatch(
      /^x-switchyard-key: sw-[0-9a-f]{48}\nx-switchyard-profile: anthropic$/,
    );
    expect(mine.settings.env).not.toHaveProperty("ANTHROPIC_AUTH_TOKEN");
    expect(mine.env).toHaveProperty("CLAUDE_CODE_OAUTH_TOKEN", "own-login-token");
  });

  it("without a profile it goes by the default's: on one with the user's own subscription the key travels in a header", async () => {
    expect((await own.run(["use", "anthropic", "--config", config])).status).toBe(0);
    const { settings } = await seen("claude", []);
    expect(settings.env["ANTHROPIC_CUSTOM_HEADERS"]).toMatch(/^x-switchyard-key: sw-[0-9a-f]{48}$/);
    expect(settings.env).not.toHaveProperty("ANTHROPIC_AUTH_TOKEN");
  });

  it("on another profile a login of the environment is taken out", async () => {
    own.env["CLAUDE_CODE_OAUTH_TOKEN"] = "own-login-token";
    expect((await seen("claude", ["--profile", "blue"])).env).not.toHaveProperty("CLAUDE_CODE_OAUTH_TOKEN");
  });

  it.each([
    ["blu", 'Did you mean "blue"?'],
    ["dmo,model", 'Did you mean "demo"?'],
    ["demo,grüße x", "There is no profile of this name"],
  ])("a name that is none (%s) is refused before anything starts", async (name, words) => {
    const { status, stderr } = await run("claude", ["--profile", name]);
    expect(status).toBe(2);
    expect(stderr).toContain(words);
    expect(stderr).not.toContain("running on the host");
  });

  it("a profile without its key is refused with the key's name", async () => {
    const { status, stderr } = await run("claude", ["--profile", "glm"]);
    expect(status).toBe(1);
    expect(stderr).toContain("ZAI_API_KEY is not set");
  });
});

describe("switchyard team", () => {
  const headers = async (...options: string[]): Promise<string[]> =>
    (await seen("team", options)).settings.env["ANTHROPIC_CUSTOM_HEADERS"]!.split("\n").filter(
      (line) => !line.startsWith("x-switchyard-key"),
    );

  it("without a terminal is in one process, which is told of both sides and has the smaller window", async () => {
    const { args, settings, env } = await seen("team", ["-l", "blue", "-t", "green"], ["--verbose"]);
    expect(args.slice(2)).toEqual(["--teammate-mode", "in-process", "--verbose"]);
    expect(settings.env).toMatchObject({
      ANTHROPIC_CUSTOM_HEADERS: "x-switchyard-profile: blue\nx-switchyard-agent-profile: green",
      CLAUDE_CODE_EXPERIMENTAL_AGENT_TEAMS: "1",
      CLAUDE_CODE_MAX_CONTEXT_TOKENS: "50000",
      CLAUDE_CODE_AUTO_COMPACT_WINDOW: "50000",
      CLAUDE_CODE_EFFORT_LEVEL: "low",
    });
    expect(env).not.toHaveProperty("CLAUDE_CODE_TEAMMATE_COMMAND");
  });

  it.each([
    ["--model green", ["anthropic", "green"]],
    ["--leader demo,x", ["demo,x", "anthropic"]],
  ])("%s: the side that is not named is on the user's own subscription", async (options, sides) => {
    expect(await headers(...options.split(" "))).toEqual([
      `x-switchyard-profile: ${sides[0]}`,
      `x-switchyard-agent-profile: ${sides[1]}`,
    ]);
  });

  it("with none named both are on the default", async () => {
    expect(await headers()).toEqual(["x-switchyard-agent-profile: default"]);
  });

  it.each([
    [["--tmux"], "needs a terminal"],
    [["--tmux", "--in-process"], "exclude each other"],
    [["-t", "blue", "-m", "blue"], "say the same"],
    [["-t", "blu"], 'Did you mean "blue"?'],
  ])("%s is refused", async (options, words) => {
    const { status, stderr } = await run("team", options);
    expect(status).toBe(2);
    expect(stderr).toContain(words);
  });
});
