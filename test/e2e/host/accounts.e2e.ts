/** `switchyard accounts` with a real CLIProxyAPI that runs: which account is asked is seen at the provider, by its token. */
import { spawn, type ChildProcess } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { finished, until, untilPrinted } from "../../support/cli.ts";
import { scenarioScript } from "../../support/provider/scenarios.ts";
import { type ScriptedProvider, startProvider } from "../../support/provider/server.ts";
import { startWayOut, type WayOut } from "../../support/way-out.ts";
import { cliproxyapiProgram, modelsOf } from "../support/cliproxyapi-server.ts";
import { codexHost, idToken, signInHost, writeAccount } from "../support/codex-accounts.ts";
import { type Finished, type Project, project, root } from "../support/project.ts";
import { type ServerProcess, startServer } from "../support/server-process.ts";

const key = "sk-cliproxyapi-0123456789";
const model = "gpt-5.3-codex";

let program: string;
let provider: ScriptedProvider;
let out: WayOut;
let server: ServerProcess;
let own: Project;
let signIn: { url: string; close(): Promise<void> };
/** Tokens that the provider refuses for the time being. */
const usedUp = new Set<string>();
const tokens = { plus: "", pro: "" };

const configuration = (port: number, accounts: string): string => `# My proxy.
host: 127.0.0.1
port: ${port} # not the usual one
auth-dir: ${JSON.stringify(accounts)}
api-keys: ["${key}"] # do not tell
remote-management: {secret-key: "", disable-control-panel: true}
routing:
  strategy: "round-robin" # round-robin (default), fill-first
`;

/** Signs everybody in, with a Plus plan. */
const startSignIn = async (): Promise<typeof signIn> => {
  const site = createServer((_req, res) => {
    res.writeHead(200, { "content-type": "application/json" });
    const account = { access_token: "token-of-new", refresh_token: "refresh-of-new", expires_in: 864_000 };
    res.end(
      JSON.stringify({ ...account, id_token: idToken("new@example.com", "plus"), token_type: "Bearer" }),
    );
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(site.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => site.close(() => resolve())),
  };
};

const at = (name: string): string => join(own.folder, name);
const accounts = (): string => at("accounts");
const configFile = (): string => at("cliproxyapi.yaml");
const outside = (): Record<string, string> => ({
  HTTPS_PROXY: out.url,
  HTTP_PROXY: out.url,
  NO_PROXY: "127.0.0.1,localhost",
  SSL_CERT_FILE: at("ca.pem"),
});

beforeAll(async () => {
  program = await cliproxyapiProgram();
  provider = await startProvider((request) => {
    const token = (request.headers.authorization ?? "").replace("Bearer ", "");
    if (!usedUp.has(token)) return scenarioScript(request);
    const error = {
      type: "usage_limit_reached",
      message: "The usage limit has been reached",
      resets_in_seconds: 600,
    };
    return { error: { status: 429, headers: {}, body: JSON.stringify({ error }) } };
  });
  signIn = await startSignIn();
  out = await startWayOut({ [codexHost]: provider.url, [signInHost]: signIn.url });
  own = project("providers: {}\nroutes: {}\n");
  writeFileSync(at("ca.pem"), out.certificate);
  tokens.plus = writeAccount(accounts(), "anna", "plus");
  tokens.pro = writeAccount(accounts(), "bert", "pro");
  server = await startServer((port) => {
    writeFileSync(configFile(), configuration(port, accounts()));
    return {
      name: "CLIProxyAPI",
      program,
      args: ["-config", configFile(), "-local-model"],
      config: {},
      env: outside(),
      ready: async (url) => (await modelsOf(url, key)).length > 0,
    };
  });
}, 900_000);
afterAll(async () => {
  await server?.close();
  await out?.close();
  await provider?.close();
  await signIn?.close();
  own?.remove();
});
beforeEach(() => usedUp.clear());

const cli = (...args: string[]): Promise<Finished> =>
  own.switchyard(["accounts", ...args, "--config", own.config, "--config-file", configFile()]);

/** Asks CLIProxyAPI so often, and says whose token came to the provider. */
const asked = async (times: number): Promise<string[]> => {
  const mark = provider.requests.length;
  for (let i = 0; i < times; i++) {
    const answer = await fetch(`${server.url}/v1/messages`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({
        model,
        max_tokens: 64,
        messages: [{ role: "user", content: "SCRIPT:say:Hello." }],
      }),
    });
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining("Hello.")]);
  }
  return provider.requests
    .slice(mark)
    .map(({ headers }) => String(headers.authorization).replace("Bearer ", ""));
};

/** What is written reaches the running CLIProxyAPI a moment later. */
const becomes = (wanted: string[]): Promise<void> =>
  until(
    async () => JSON.stringify(await asked(wanted.length)) === JSON.stringify(wanted),
    () => `the provider to be asked with ${wanted.join(", ")}`,
    20_000,
  );

describe("the accounts of a CLIProxyAPI of one's own", () => {
  it("take turns as it is installed; `setup` has one used up before the next, comments kept, with a backup", async () => {
    expect(new Set(await asked(4))).toEqual(new Set([tokens.plus, tokens.pro]));
    const before = readFileSync(configFile(), "utf8");
    const { ino } = statSync(configFile());
    const done = await cli("setup");
    expect(done).toMatchObject({ status: 0 });
    expect(done.stdout).toContain('routing.strategy: "round-robin" -> "fill-first"');
    const after = readFileSync(configFile(), "utf8");
    expect(after).toBe(
      `${before.replace('"round-robin"', '"fill-first"')}quota-exceeded:
  switch-project: true
  switch-preview-model: true
request-retry: 3
max-retry-interval: 30
`,
    );
    expect(statSync(configFile()).ino).toBe(ino);
    const backups = (): string[] => readdirSync(own.folder).filter((name) => name.endsWith(".backup"));
    expect(backups().map((name) => readFileSync(at(name), "utf8"))).toEqual([before]);

    const again = await cli("setup");
    expect([again.status, again.stderr]).toEqual([0, expect.stringContaining("is as it should be")]);
    expect([readFileSync(configFile(), "utf8"), backups().length]).toEqual([after, 1]);
    await until(
      async () => new Set(await asked(4)).size === 1,
      () => `one account to be asked; it printed: ${server.log()}`,
      20_000,
    );
  });

  it("Plus goes before Pro after `priority`, while it runs; a priority of your own goes before both", async () => {
    expect(await cli("priority")).toMatchObject({ status: 0 });
    await becomes(Array<string>(4).fill(tokens.plus));
    expect(await cli("priority", "bert", "200")).toMatchObject({ status: 0 });
    await becomes(Array<string>(4).fill(tokens.pro));
    expect(await cli("priority")).toMatchObject({ status: 0 });
    await becomes(Array<string>(4).fill(tokens.plus));
  });

  it("the files keep all that was in them, for their owner alone, with the priority where old versions look as well", () => {
    const file = join(accounts(), "codex-anna@example.com-plus.json");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
      access_token: tokens.plus,
      account_id: "account-plus",
      priority: 100,
      attributes: { priority: "100" },
    });
  });

  it("a priority that stands under `attributes` alone counts for nothing, and `list` says so", async () => {
    writeAccount(accounts(), "bert", "pro", { attributes: { priority: "500" } });
    const { stdout } = await cli("list");
    expect(stdout).toMatch(/codex-bert@example\.com-pro\s+codex\s+pro\s+0 \(old versions: 500\)/);
    await becomes(Array<string>(4).fill(tokens.plus));
  });

  it("a turn goes on with Pro where Plus is used up, and nobody sees it", async () => {
    usedUp.add(tokens.plus);
    const seen = await asked(2);
    expect(seen[0]).toBe(tokens.plus);
    expect(seen.slice(1)).toEqual([tokens.pro, tokens.pro]);
  });

  it("`list` shows no token, in words or as JSON", async () => {
    const [words, json] = [await cli("list"), await cli("list", "--json")];
    expect(words.stdout + json.stdout).not.toContain("token-of");
    expect(JSON.parse(json.stdout)).toMatchObject([
      { name: "codex-anna@example.com-plus", type: "codex", plan: "plus", priority: 100, disabled: false },
      { name: "codex-bert@example.com-pro", type: "codex", plan: "pro", priority: 0, oldPriority: 500 },
    ]);
  });

  it("Claude Code works behind the profile's target, with the account that goes first", async () => {
    const used = provider.requests.length;
    const config = at("router.yaml");
    const target = `cliproxyapi,${model}`;
    writeFileSync(
      config,
      `providers: { cliproxyapi: { preset: cliproxyapi, baseUrl: "${server.url}", keys: ["${key}"] } }
routes: { default: "${target}", background: "${target}", think: "${target}" }
`,
    );
    const place = ["--runtime", "host", "--config", config, "--workspace", own.workspace];
    const claude = ["claude", "-p", "SCRIPT:say:From Codex."];
    const third = writeAccount(accounts(), "carl", "plus", { priority: 150 });
    await becomes([third]);
    const done = await own.switchyard(["shell", "router", ...place, "--", ...claude], {
      env: { IS_SANDBOX: "1" },
    });
    expect(done).toMatchObject({ status: 0, stdout: expect.stringContaining("From Codex.") as string });
    const tokensSeen = provider.requests
      .slice(used)
      .filter(({ raw }) => raw.includes("From Codex."))
      .map(({ headers }) => headers.authorization);
    expect(new Set(tokensSeen)).toEqual(new Set([`Bearer ${third}`]));
    expect(await cli("remove", "carl", "--yes")).toMatchObject({ status: 0 });
    expect(readdirSync(accounts())).not.toContain("codex-carl@example.com-plus.json");
    await until(
      async () => (await asked(1))[0] !== third,
      () => "another account to be asked",
      20_000,
    );
  });
});

describe("a login", () => {
  /** Starts it, and comes back from the browser with this. */
  const comeBack = async (child: ChildProcess, query: (state: string) => string): Promise<void> => {
    const [, state = ""] = await untilPrinted(child, "stdout", /auth\.openai\.com\S*[?&]state=([\w-]+)/);
    await fetch(`http://127.0.0.1:1455/auth/callback?${query(state)}`);
  };
  const start = (): ChildProcess =>
    spawn(
      join(root, "bin/switchyard"),
      ["accounts", "login", "codex", "--no-browser", "--program", program, "--config", own.config].concat(
        "--config-file",
        configFile(),
      ),
      { cwd: own.workspace, env: { ...own.env, ...outside() }, stdio: ["pipe", "pipe", "pipe"] },
    );

  it("that is refused adds nothing, and ends with 1", async () => {
    const child = start();
    const end = finished(child);
    await comeBack(child, (state) => `error=access_denied&state=${state}`);
    expect(await end).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("no account was added") as string,
    });
  });

  it("adds the account with the priority of its plan, and says what to do without a browser here", async () => {
    const child = start();
    const end = finished(child);
    await comeBack(child, (state) => `code=from-the-browser&state=${state}`);
    const { status, stdout, stderr } = await end;
    expect(status).toBe(0);
    expect(stderr).toContain("copy that address, and paste it here");
    expect(stdout).toMatch(/codex-new@example\.com-plus\s+codex\s+plus\s+100\n/);
    expect(stdout + stderr).not.toMatch(/token-of|refresh-of/);
    expect(await cli("priority", "codex-new", "300")).toMatchObject({ status: 0 });
    await becomes(["token-of-new"]);
  });

  it("anew keeps the priority that the account had", async () => {
    const child = start();
    const end = finished(child);
    await comeBack(child, (state) => `code=from-the-browser&state=${state}`);
    expect(await end).toMatchObject({ status: 0 });
    const file = join(accounts(), "codex-new@example.com-plus.json");
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ priority: 300 });
  });
});
