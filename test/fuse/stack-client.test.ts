/** What the stack's client reads of where its requests go. */
import { join } from "node:path";
import { tmpdir } from "node:os";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import {
  type StackClient,
  stackClientFiles,
  stackClientNames,
  targetOfShellFile,
} from "../../src/fuse/stack-client.ts";

const client = (but: Partial<StackClient> = {}): StackClient => ({
  target: "router",
  connection: { baseUrl: "http://router:3000", token: "sy-token", passthrough: false },
  proxy: {},
  models: [],
  ...but,
});

const settings = (of: StackClient): Record<string, string> => {
  const text = stackClientFiles(of).get(stackClientNames.settings) ?? "";
  return (JSON.parse(text) as { env: Record<string, string> }).env;
};

/** The variables that a shell has after it has read the file, over some that it had. */
const inShell = (of: StackClient, before: Record<string, string> = {}): Record<string, string> => {
  const text = stackClientFiles(of).get(stackClientNames.shell) ?? "";
  const out = execFileSync("bash", ["--norc", "-c", `${text}\nenv -0`], {
    env: before,
    encoding: "utf8",
    // A bash whose stdin is a socket takes itself for a remote shell and reads the user's files.
    stdio: ["ignore", "pipe", "inherit"],
  });
  return Object.fromEntries(
    out
      .split("\0")
      .filter((line) => line.includes("="))
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
};

describe("the client's settings", () => {
  it("name address and token, and empty what another target had set: a session that runs would keep it", () => {
    expect(settings(client())).toMatchObject({
      ANTHROPIC_BASE_URL: "http://router:3000",
      ANTHROPIC_AUTH_TOKEN: "sy-token",
      ANTHROPIC_CUSTOM_HEADERS: "",
    });
  });

  it("leave the user's own login alone where it goes along: the token has a header of its own", () => {
    const connection = { baseUrl: "http://router:3000", token: "sy-token", passthrough: true };
    expect(settings(client({ connection }))).toMatchObject({
      ANTHROPIC_AUTH_TOKEN: "",
      ANTHROPIC_CUSTOM_HEADERS: "x-switchyard-key: sy-token",
    });
  });

  it("at an address of the user's own without a token send nothing of ours", () => {
    const connection = { baseUrl: "https://api.example.com", token: "", passthrough: true };
    const env = settings(client({ connection }));
    expect([env["ANTHROPIC_AUTH_TOKEN"], env["ANTHROPIC_CUSTOM_HEADERS"]]).toEqual(["", ""]);
    expect(JSON.stringify(env)).not.toContain("sy-token");
  });

  it("never reach a service of the stack by way of a proxy, and everything else by the machine's", () => {
    const env = settings(client({ proxy: { HTTPS_PROXY: "http://proxy:3128", NO_PROXY: "intern" } }));
    expect(env["HTTPS_PROXY"]).toBe("http://proxy:3128");
    expect(env["NO_PROXY"]?.split(",")).toEqual(expect.arrayContaining(["intern", "router", "127.0.0.1"]));
  });
});

describe("the file for a shell", () => {
  it("exports the target and takes away what it does not use", () => {
    const env = inShell(client(), { ANTHROPIC_CUSTOM_HEADERS: "x-switchyard-key: old", KEPT: "yes" });
    expect(env).toMatchObject({
      ANTHROPIC_BASE_URL: "http://router:3000",
      ANTHROPIC_AUTH_TOKEN: "sy-token",
      KEPT: "yes",
    });
    expect(env).not.toHaveProperty("ANTHROPIC_CUSTOM_HEADERS");
  });

  it("a token with quotes and dollars arrives as it is", () => {
    const token = `it's "$HOME" \`id\` \\ !`;
    const connection = { baseUrl: "http://router:3000", token, passthrough: false };
    expect(inShell(client({ connection }))["ANTHROPIC_AUTH_TOKEN"]).toBe(token);
  });

  it("says in its first line where it points", () => {
    const text = stackClientFiles(client({ target: "litellm" })).get(stackClientNames.shell);
    expect(targetOfShellFile(text)).toBe("litellm");
    expect(targetOfShellFile(undefined)).toBeUndefined();
  });
});

it("the first start of the client has no dialog: its record and settings are there to be copied", () => {
  const files = stackClientFiles(client());
  expect(JSON.parse(files.get(stackClientNames.seedRecord)!)).toMatchObject({
    hasCompletedOnboarding: true,
    projects: { "/workspace": { hasTrustDialogAccepted: true } },
  });
  expect(JSON.parse(files.get(stackClientNames.seedSettings)!)).toMatchObject({ disableAutoMode: "disable" });
});

it("the targets of today are in the client's list of models, whatever its record was begun with", () => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-models-"));
  const record = join(folder, ".claude.json");
  const listed = (): string[] =>
    (
      JSON.parse(readFileSync(record, "utf8")) as { additionalModelOptionsCache: { label: string }[] }
    ).additionalModelOptionsCache.map(({ label }) => label);
  const enter = (models: readonly string[]): void => {
    const files = stackClientFiles(client({ models }));
    writeFileSync(join(folder, "models.json"), files.get("models.json")!);
    const script = files.get("update-models.mjs")!.replace("/etc/claude-code", folder);
    writeFileSync(join(folder, "update.mjs"), script);
    execFileSync(process.execPath, [join(folder, "update.mjs")], { env: { CLAUDE_CONFIG_DIR: folder } });
  };
  try {
    writeFileSync(record, stackClientFiles(client({ models: ["one,a"] })).get(stackClientNames.seedRecord)!);
    expect(listed()).toEqual(["one,a"]);
    enter(["one,b", "two,c"]);
    expect(listed()).toEqual(["one,b", "two,c"]);
    expect(JSON.parse(readFileSync(record, "utf8"))).toMatchObject({ hasCompletedOnboarding: true });
    enter([]);
    expect(listed()).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("the client's status line is a script beside its settings, which needs nothing else", () => {
  const files = stackClientFiles(client());
  const { statusLine } = JSON.parse(files.get(stackClientNames.seedSettings)!) as {
    statusLine: { command: string };
  };
  expect(statusLine.command).toBe(`node /etc/claude-code/${stackClientNames.statusLine}`);
  const script = files.get(stackClientNames.statusLine)!;
  const imported = [...script.matchAll(/\bfrom "([^"]+)"/g)].map(([, name]) => name!);
  expect(imported.filter((name) => !name.startsWith("node:"))).toEqual([]);
  expect(imported.length).toBeGreaterThan(0);
});

it("the machine's CA certificates are a file that every tool of the shell is pointed at", () => {
  const files = stackClientFiles(client({ ca: "-----BEGIN CERTIFICATE-----\n" }));
  expect(files.get(stackClientNames.ca)).toContain("BEGIN CERTIFICATE");
  expect(inShell(client({ ca: "x" }))).toMatchObject({
    NODE_EXTRA_CA_CERTS: "/etc/claude-code/ca.pem",
    CURL_CA_BUNDLE: "/etc/claude-code/ca.pem",
  });
});
