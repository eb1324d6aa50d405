/** `switchyard accounts` where no CLIProxyAPI runs: what it reads of accounts and configurations, and what it refuses. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findAccount, readAccounts, rulePriority } from "../../src/cli/accounts/files.ts";
import { patchCliproxyapi, type WantedSettings } from "../../src/config/cliproxyapi-file.ts";
import { errorOf } from "../config/support.ts";
import { type Sandbox, sandbox } from "../support/cli.ts";

const wanted: WantedSettings = { routing: { strategy: "fill-first" }, "request-retry": 3 };
const patch = (text: string): string => patchCliproxyapi(text, "config.yaml", wanted).text;

describe("the configuration of one's own CLIProxyAPI", () => {
  it.each([
    [
      "nothing of it is there",
      "port: 1 # one\n",
      "port: 1 # one\nrouting:\n  strategy: fill-first\nrequest-retry: 3\n",
    ],
    [
      "a value differs, with a comment and spaces of its own",
      'routing:\n    strategy:   "x"   # why\nrequest-retry: 1     # few\n',
      'routing:\n    strategy:   "fill-first"   # why\nrequest-retry: 3     # few\n',
    ],
    [
      "a map is there without the key",
      "request-retry: 3\nrouting:\n  # notes\n  other: 1 # one\nport: 1\n",
      'request-retry: 3\nrouting:\n  # notes\n  other: 1 # one\n  strategy: "fill-first"\nport: 1\n',
    ],
    [
      "a map stands without anything in it",
      "# mine\nrouting: # later\nrequest-retry: 3 # three\n",
      '# mine\nrouting: # later\n  strategy: "fill-first"\nrequest-retry: 3 # three\n',
    ],
    ["the file is empty", "", "routing:\n  strategy: fill-first\nrequest-retry: 3\n"],
    ["its last line has no end", "port: 1", "port: 1\nrouting:\n  strategy: fill-first\nrequest-retry: 3\n"],
    [
      "its lines end as on Windows",
      "request-retry: 1 # a\r\nrouting: { strategy: fill-first }\r\n",
      "request-retry: 3 # a\r\nrouting: { strategy: fill-first }\r\n",
    ],
  ])("is put right where %s, and nothing else moves", (_case, before, after) => {
    expect(patch(before)).toBe(after);
    expect(patchCliproxyapi(after, "config.yaml", wanted)).toEqual({ text: after, changes: [] });
  });

  it.each([
    ["routing: round-robin\n", "config.yaml: routing is no map (key: value)"],
    ["a: 1\nb: [\n", "config.yaml: line 3: "],
    ["- a\n", "config.yaml: it is no map (key: value)"],
  ])("is refused where it cannot be understood: %j", (text, words) => {
    expect(errorOf(() => patch(text)).detail).toContain(words);
  });
});

let box: Sandbox;
const at = (name: string): string => join(box.folder, name);
const account = (name: string, value: unknown): void =>
  writeFileSync(join(at("auth"), `${name}.json`), typeof value === "string" ? value : JSON.stringify(value), {
    mode: 0o600,
  });
beforeEach(() => {
  box = sandbox();
  mkdirSync(at("auth"));
  writeFileSync(at("config.yaml"), 'auth-dir: "auth" # mine\nport: 8317\n');
  writeFileSync(at("switchyard.yaml"), "{}\n");
});
afterEach(() => box.remove());
const run = (...args: string[]) =>
  box.run(["accounts", ...args, "--config", at("switchyard.yaml"), "--config-file", at("config.yaml")]);

describe("the priority of an account", () => {
  const planOf = (plan: string): string =>
    [
      "e30",
      Buffer.from(JSON.stringify({ "https://api.openai.com/auth": { chatgpt_plan_type: plan } })).toString(
        "base64url",
      ),
      "",
    ].join(".");
  it.each([
    ["codex-me@example.com-plus", "", 100],
    ["codex-me@example.com-pro", "", 0],
    ["codex-plus-1", "", 100],
    // Nobody pays for what an address is called.
    ["codex-me-pro@example.com-plus", "", 100],
    ["codex-me-plus@example.com", "", undefined],
    ["codex-me@my-pro.com", "", undefined],
    ["codex-proxy", "", undefined],
    ["codex-me@example.com", "pro", 0],
    ["codex-me@example.com", "Plus", 100],
    ["codex-1234-me@example.com-team", "team", undefined],
  ])("of %s with the plan '%s' is to be %s", (name, plan, priority) => {
    account(name, { type: "codex", ...(plan !== "" && { id_token: planOf(plan) }) });
    expect(readAccounts(at("auth")).map(rulePriority)).toEqual([priority]);
  });

  it("is written as old and new versions read it, with mode and form of the file kept", async () => {
    account(
      "codex-a-plus",
      `${JSON.stringify({ type: "codex", attributes: { note: "n" }, big: 1 }, null, 2)}\n`,
    );
    expect(await run("priority")).toMatchObject({ status: 0 });
    const file = join(at("auth"), "codex-a-plus.json");
    const value = { type: "codex", attributes: { note: "n", priority: "100" }, big: 1, priority: 100 };
    expect(readFileSync(file, "utf8")).toBe(`${JSON.stringify(value, null, 2)}\n`);
    expect([statSync(file).mode & 0o777, readdirSync(at("auth"))]).toEqual([0o600, ["codex-a-plus.json"]]);
    expect((await run("priority")).stderr).toContain("codex-a-plus has 100");
    // A number below zero is no option.
    expect((await run("priority", "codex-a", "-5")).stderr).toContain("codex-a-plus is set to -5");
  });

  it("a number as text counts, anything else does not", () => {
    account("a", { type: "codex", priority: " 12 " });
    account("b", { type: "codex", priority: "high" });
    expect(readAccounts(at("auth")).map(({ priority }) => priority)).toEqual([12, 0]);
  });
});

describe("the list of accounts", () => {
  it("names a file that is no account, and why CLIProxyAPI leaves it out", async () => {
    account("broken", "{");
    account("nameless", { email: "a@b.c" });
    account("codex-a-pro", { type: "codex", disabled: true, access_token: "token-canary" });
    const { stdout } = await run("list");
    expect(stdout).toMatch(/^broken .*left out: it is no JSON object$/m);
    expect(stdout).toMatch(/^nameless .*left out: it says no `type`$/m);
    expect(stdout).toMatch(/^codex-a-pro +codex +pro +0 +disabled$/m);
    expect(stdout + (await run("list", "--json")).stdout).not.toContain("canary");
  });

  it("a part of a name is enough where only one has it, and names are told where it is not", () => {
    account("codex-a-pro", { type: "codex" });
    account("codex-b-pro", { type: "codex" });
    const accounts = readAccounts(at("auth"));
    expect(findAccount(accounts, "b-pro").name).toBe("codex-b-pro");
    expect(errorOf(() => findAccount(accounts, "codex")).hint).toBe("There are: codex-a-pro, codex-b-pro.");
    expect(errorOf(() => findAccount(accounts, "nobody")).detail).toBe("there is no account 'nobody'");
  });
});

describe("wrong use of accounts", () => {
  it.each([
    [["login", "chatgpt"], "There are: codex, claude, gemini, antigravity, qwen, kimi, iflow."],
    [["login", "claude", "--device"], "It is for codex."],
    [["login", "codex", "--project", "x"], "It is for gemini."],
    [["priority", "codex-a"], "no priority is given for 'codex-a'"],
    [["remove", "codex-a"], "Nothing was deleted."],
  ])("%j ends with 2 and says what to do", async (args, words) => {
    account("codex-a", { type: "codex" });
    const { status, stderr } = await run(...args);
    expect([status, stderr]).toEqual([2, expect.stringContaining(words)]);
    expect(readdirSync(at("auth"))).toEqual(["codex-a.json"]);
  });

  it("an empty name, as of a variable that is not set, means no account, though there is only one", () => {
    account("only", { type: "codex" });
    expect(errorOf(() => findAccount(readAccounts(at("auth")), "")).detail).toBe(
      "the account's name is empty",
    );
  });

  it("what cannot be deleted or run is told with its reason", async () => {
    mkdirSync(join(at("auth"), "folder.json"));
    writeFileSync(at("config.yaml"), `auth-dir: ${at("auth")}\n`);
    const run = (...args: string[]) => box.run(["accounts", ...args, "--config-file", at("config.yaml")]);
    const removed = await run("remove", "folder", "--yes");
    expect([removed.status, removed.stderr]).toEqual([1, expect.stringContaining("folder.json: ")]);
    expect(removed.stderr).not.toContain("internal error");
    const login = await run("login", "codex", "--program", at("none"));
    expect([login.status, login.stderr]).toEqual([2, expect.stringContaining("cannot be run (ENOENT)")]);
    expect((await run("login", "constructor")).stderr).toContain("there is no login for 'constructor'");
  });

  it("without any CLIProxyAPI it says how to have one", async () => {
    const { status, stderr } = await box.run(["accounts", "list", "--config", at("switchyard.yaml")]);
    expect([status, stderr]).toEqual([2, expect.stringContaining("Set stack.cliproxyapi.enabled: true")]);
  });

  it("the key of one of your own is not Switchyard's to know, and it says where it stands", async () => {
    writeFileSync(at("switchyard.yaml"), "stack:\n  cliproxyapi: { config: config.yaml }\n");
    const { status, stderr } = await box.run(["accounts", "key", "--config", at("switchyard.yaml")]);
    expect([status, stderr]).toEqual([2, expect.stringContaining(`\`api-keys\` of ${at("config.yaml")}`)]);
  });

  it("the stack's own and one of your own at once is an error with its line", async () => {
    writeFileSync(at("switchyard.yaml"), "stack:\n  cliproxyapi: { enabled: true, config: config.yaml }\n");
    const { status, stderr } = await box.run(["accounts", "list", "--config", at("switchyard.yaml")]);
    expect([status, stderr]).toEqual([
      2,
      expect.stringMatching(/switchyard\.yaml:2:.*stack\.cliproxyapi\.config/),
    ]);
  });
});
