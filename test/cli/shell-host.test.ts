/** `switchyard shell router --runtime host`, with a client that only prints what it is given. */
import { chmodSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  clientGiven,
  clientSandbox,
  fakeClaude,
  filesBelow,
  finished,
  runs,
  until,
  untilPrinted,
  type Sandbox,
} from "../support/cli.ts";

let own: Sandbox;
beforeEach(() => void (own = clientSandbox()));
afterEach(() => own.remove());

const shell = (...cmd: string[]): string[] => ["shell", "router", "--runtime", "host", "--", ...cmd];

describe("one command in a shell on the host", () => {
  it("stdout is the command's alone, our words go to stderr, and one line says that nothing is isolated", async () => {
    const { status, stdout, stderr } = await own.run(shell("echo out; echo err >&2"));
    expect({ status, stdout }).toEqual({ status: 0, stdout: "out\n" });
    expect(stderr).toContain("switchyard: running on the host: no container, no isolation\n");
    expect(stderr).toContain("\nerr\n");
  });

  it("without an engine it runs on the host by itself, and says so in one line", async () => {
    const { status, stdout, stderr } = await own.run(["shell", "router", "--", "echo hi"]);
    expect({ status, stdout }).toEqual({ status: 0, stdout: "hi\n" });
    expect(stderr.match(/no Docker Engine answers: running on the host/g)).toHaveLength(1);
  });

  it("an engine that was asked for and is not there is an error, and nothing starts", async () => {
    const { status, stdout, stderr } = await own.run([
      "shell",
      "router",
      "--runtime",
      "docker",
      "--",
      "echo hi",
    ]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain("No Docker Engine answers");
  });

  it.each([
    ["exit 7", 7],
    ["kill -TERM $$", 143],
    ["kill -KILL $$", 137],
    ["nonexistent-program", 127],
  ])("its exit status is passed on: %s -> %i", async (cmd, status) => {
    expect((await own.run(shell(cmd))).status).toBe(status);
  });

  it("several words are run as they are, one word by a shell", async () => {
    const words = await own.run(shell("printf", "%s|", "$HOME", "a b", "'"));
    expect(words.stdout).toBe("$HOME|a b|'|");
    expect((await own.run(shell('printf "%s|" "$HOME" "a b"'))).stdout).toBe(`${own.home}|a b|`);
    const missing = await own.run(shell("no-such-program", "x"));
    expect(missing.status).toBe(127);
    expect(missing.stderr).toContain("no-such-program: command not found");
  });

  it("stdin reaches the command", async () => {
    expect((await own.run(shell("tr a-z A-Z"), { input: "whole input\n" })).stdout).toBe("WHOLE INPUT\n");
  });

  it("it works in the workspace that is named, by option or by variable", async () => {
    const folder = join(own.folder, "it's a project");
    mkdirSync(folder);
    const { stdout } = await own.run(["shell", "router", "--runtime", "host", "-w", folder, "--", "pwd"]);
    expect(stdout).toBe(`${folder}\n`);
    const { stdout: other } = await own.run(shell("pwd"), { env: { WORKSPACE: folder } });
    expect(other).toBe(`${folder}\n`);
  });

  it("a workspace that is a file is refused before anything starts", async () => {
    const file = join(own.folder, "file");
    writeFileSync(file, "");
    const { status, stderr } = await own.run([
      "shell",
      "router",
      "--runtime",
      "host",
      "-w",
      file,
      "--",
      "pwd",
    ]);
    expect(status).toBe(2);
    expect(stderr).toContain("it is not a folder");
    expect(filesBelow(own.folder).filter((name) => name.startsWith("state"))).toEqual([]);
  });
});

describe("the client on the host", () => {
  it("is wrapped: settings above those of a repository, with the router's address and a key of this shell", async () => {
    const first = clientGiven((await own.run(shell("claude", "-p", "a b"))).stdout);
    expect(first.args).toEqual(["--settings", first.file, "-p", "a b"]);
    expect(first.settings.env["ANTHROPIC_BASE_URL"]).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(first.settings.env["ANTHROPIC_AUTH_TOKEN"]).toMatch(/^sw-[0-9a-f]{48}$/);
    expect(first.env).toMatchObject({
      ANTHROPIC_BASE_URL: first.settings.env["ANTHROPIC_BASE_URL"],
      CLAUDE_CONFIG_DIR: join(own.state, "host/client"),
    });
    const second = clientGiven((await own.run(shell("claude"))).stdout);
    expect(second.env["ANTHROPIC_AUTH_TOKEN"]).not.toBe(first.env["ANTHROPIC_AUTH_TOKEN"]);
  });

  it("the line that it ends with, which resumes a session, works in a later shell", async () => {
    const before = clientGiven((await own.run(shell("claude"))).stdout);
    const again = clientGiven(
      (await own.run(shell("claude", "--settings", before.file, "--resume", "id"))).stdout,
    );
    expect(again.args).toEqual(["--settings", again.file, "--resume", "id"]);
    const theirs = clientGiven((await own.run(shell("claude", "--settings", "{}", "-p"))).stdout);
    expect(theirs.args).toEqual(["--settings", theirs.file, "--settings", "{}", "-p"]);
  });

  it("sees no provider key: not by name, not by value, and not one from the file of keys", async () => {
    await own.run(["secrets", "set", "OPENROUTER_API_KEY"], { input: "sk-or-from-the-file" });
    const config = join(own.folder, "own.yaml");
    writeFileSync(
      config,
      'providers: { odd: { dialect: openai-chat, baseUrl: "http://127.0.0.1:9", keys: ["${ODD_NAME}"] } }\n',
    );
    const env = {
      GEMINI_API_KEY: "AIza-by-name-0123",
      ODD_NAME: "odd-key-by-reference",
      COPY: "has odd-key-by-reference in it",
      ANTHROPIC_BASE_URL: "http://elsewhere.invalid",
      CLAUDE_CODE_USE_BEDROCK: "1",
      HARMLESS: "stays",
    };
    const args = ["shell", "router", "--runtime", "host", "--config", config, "--"];
    const { stdout, stderr } = await own.run([...args, "claude"], { env });
    const seen = JSON.stringify(clientGiven(stdout));
    for (const secret of [
      "sk-or-from-the-file",
      "AIza-by-name-0123",
      "odd-key-by-reference",
      "elsewhere.invalid",
    ]) {
      expect(seen + stderr).not.toContain(secret);
    }
    expect(clientGiven(stdout).env).toHaveProperty("HARMLESS", "stays");
    expect(clientGiven(stdout).env).not.toHaveProperty("CLAUDE_CODE_USE_BEDROCK");
  });

  it("a start file for scripts cannot put another claude in front", async () => {
    const other = join(own.folder, "other");
    mkdirSync(other);
    writeFileSync(join(other, "claude"), "#!/bin/sh\necho another\n");
    chmodSync(join(other, "claude"), 0o755);
    const rc = join(own.folder, "rc");
    writeFileSync(rc, `PATH=${other}:$PATH\n`);
    const { stdout } = await own.run(shell("claude -p x"), { env: { BASH_ENV: rc } });
    expect(clientGiven(stdout).args).toContain("-p");
  });

  it("keeps what the user changed in its settings, from one shell to the next", async () => {
    await own.run(shell("true"));
    const file = join(own.state, "host/client/settings.json");
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), theme: "dark" }));
    await own.run(shell("true"));
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
      theme: "dark",
      disableAutoMode: "disable",
    });
  });

  it("one that is not of the pinned version is not used; without npm that is said plainly, and the router is ended", async () => {
    own.program("claude", fakeClaude("1.0.0"));
    own.program("npm", "#!/bin/sh\necho 'no such registry' >&2\nexit 1\n");
    const { status, stdout, stderr } = await own.run(shell("claude"));
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(
      /Claude Code is not there and could not be installed: version 2\.1\.329: .*npm.*ended with 1\n {2}no such registry/,
    );
    expect(readdirSync(join(own.state, "host/runs"))).toEqual([]);
    expect(
      readdirSync(join(own.folder, "cache/switchyard")).filter((name) => name.startsWith("claude")),
    ).toEqual([]);
  });
});

describe("what a shell on the host leaves behind", () => {
  it("nothing in the home, no file of the shell, no process", async () => {
    const { stdout } = await own.run(shell('echo "$ANTHROPIC_BASE_URL"'));
    await expect(fetch(`${stdout.trim()}/health`)).rejects.toThrow("fetch failed");
    expect(filesBelow(own.home)).toEqual([]);
    expect(readdirSync(join(own.state, "host/runs"))).toEqual([]);
  });

  it.each(["SIGTERM", "SIGHUP"] as const)(
    "%s ends the command, what it started, and the router",
    async (signal) => {
      const child = own.start(shell('sleep 600 & echo "$! $ANTHROPIC_BASE_URL"; wait; sleep 600'));
      const end = finished(child);
      const [, pid, url] = await untilPrinted(child, "stdout", /^(\d+) (\S+)\n/);
      child.kill(signal);
      expect((await end).status).toBe(signal === "SIGTERM" ? 143 : 129);
      expect(runs(Number(pid))).toBe(false);
      await expect(fetch(`${url}/health`)).rejects.toThrow("fetch failed");
    },
  );

  it("even one that is killed takes the router with it, and its files go with the next shell", async () => {
    const child = own.start(shell('echo "$PPID $ANTHROPIC_BASE_URL"; exec sleep 30'));
    const [, pid, url] = await untilPrinted(child, "stdout", /^(\d+) (\S+)\n/);
    process.kill(Number(pid), "SIGKILL");
    const answers = (): Promise<boolean> =>
      fetch(`${url}/health`).then(
        () => true,
        () => false,
      );
    await until(async () => !(await answers()), "the end of the router");
    expect(readdirSync(join(own.state, "host/runs"))).toHaveLength(1);
    await own.run(shell("true"));
    expect(readdirSync(join(own.state, "host/runs"))).toEqual([]);
  });

  it("the router's log is where switchyard logs finds it, and status names the shell while it runs", async () => {
    const child = own.start(shell("echo up; read x"));
    const end = finished(child);
    await untilPrinted(child, "stdout", /up/);
    const status = JSON.parse((await own.run(["status", "--json"])).stdout) as {
      hostShells: { workspace: string }[];
    };
    expect(status.hostShells.map(({ workspace }) => workspace)).toEqual([own.workspace]);
    child.stdin?.end("\n");
    await end;
    expect((await own.run(["logs"])).stdout).toContain("Provider openrouter is disabled");
  });
});
