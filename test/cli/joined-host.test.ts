/** Sessions on the host that share a router which runs, with a client that asks by curl and then waits for a word. */
import { type ChildProcess } from "node:child_process";
import { createServer } from "node:http";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Finished, sandbox, type Sandbox, until, untilPrinted } from "../support/cli.ts";

/** Asks the router that its settings name, prints who answered, and once more for each line of stdin. */
const asking = `#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
const args = process.argv.slice(2);
if (args[0] === "--version") { console.log("2.1.329 (Claude Code)"); process.exit(0); }
const { env } = JSON.parse(readFileSync(args[args.indexOf("--settings") + 1], "utf8"));
const ask = async () => {
  const answer = await fetch(env.ANTHROPIC_BASE_URL + "/v1/messages", {
    method: "POST",
    headers: { authorization: "Bearer " + env.ANTHROPIC_AUTH_TOKEN, "content-type": "application/json", "x-switchyard-profile": "blue" },
    body: JSON.stringify({ model: "claude-sonnet-5", max_tokens: 10, messages: [{ role: "user", content: "hello" }] }),
  });
  console.log(answer.status + " " + answer.headers.get("x-switchyard-target"));
};
await ask();
// Ends while a question of its is on its way.
if (args.includes("leave")) for await (const _ of createInterface({ input: process.stdin })) { void ask(); setTimeout(() => process.exit(3), 300); }
if (args.includes("stay")) for await (const _ of createInterface({ input: process.stdin })) await ask();
`;

let own: Sandbox;
let config: string;
const started: ChildProcess[] = [];
beforeEach(() => {
  own = sandbox();
  own.program("claude", asking);
  config = join(own.folder, "own.yaml");
  writeFileSync(
    config,
    `
server: { port: 0 }
routes: { default: ["demo,usual"] }
profiles: { blue: { models: { sonnet: "demo,blue" } } }
`,
  );
});
afterEach(async () => {
  await Promise.all(started.splice(0).map(end));
  own.remove();
});

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGTERM");
  await gone;
};
const start = (args: string[], env: Record<string, string> = {}): ChildProcess => {
  const child = own.start(args, { env });
  started.push(child);
  return child;
};
const byHand = async (...options: string[]): Promise<{ child: ChildProcess; address: string }> => {
  const child = start(["router", "--config", config, ...options]);
  const [, address] = await untilPrinted(child, "stdout", /listening on http:\/\/(\S+)/);
  return { child, address: address! };
};
const claude = (...options: string[]): string[] => [
  "claude",
  "--runtime",
  "host",
  "--config",
  config,
  ...options,
];
const once = (...options: string[]): Promise<Finished> => own.run(claude(...options));
const asked = async (what: "stay" | "leave", ...options: string[]): Promise<ChildProcess> => {
  const child = start([...claude(...options), "--", what]);
  child.stderr?.resume();
  await untilPrinted(child, "stdout", /200 demo,blue/);
  return child;
};
const staying = (...options: string[]): Promise<ChildProcess> => asked("stay", ...options);
const routers = (): number[] =>
  readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, "utf8").split("\0");
      return words.includes("router") && words.some((word) => word.startsWith(own.folder))
        ? [Number(name)]
        : [];
    } catch {
      return [];
    }
  });
const keys = (): unknown[] =>
  (JSON.parse(readFileSync(join(own.state, "router/session-keys.json"), "utf8")) as { keys: unknown[] }).keys;

/** Up to seven commands are started one after the other. */
const patience = { timeout: 60_000 };

describe("a session on the host joins the router that was started by hand", patience, () => {
  it("and says so, under a key of its own that is taken back; the router goes on", async () => {
    const { address } = await byHand();
    const { status, stdout, stderr } = await once();
    expect({ status, stdout }).toEqual({ status: 0, stdout: "200 demo,blue\n" });
    expect(stderr).toContain(`on the router of ${address}, which runs already`);
    expect(keys()).toEqual([]);
    expect(routers()).toHaveLength(1);
  });

  it("also where that one asks for keys: made ones, which are known by their hash alone", async () => {
    await own.run(["keys", "create", "somebody", "--config", config]);
    const { address } = await byHand();
    const refused = await fetch(`http://${address}/v1/models`);
    expect(refused.status).toBe(401);
    expect((await once()).stdout).toBe("200 demo,blue\n");
    expect(routers()).toHaveLength(1);
  });

  it("but not with --own-router", async () => {
    await byHand();
    const session = await staying("--own-router");
    expect(routers()).toHaveLength(2);
    await end(session);
  });

  it("and not where its configuration is another: the session says in what, and has a router of its own", async () => {
    await byHand("--port", "0");
    const before = readFileSync(config, "utf8");
    const other = join(own.folder, "other.yaml");
    writeFileSync(other, before.replace("demo,blue", "demo,green"));
    const { stdout, stderr } = await own.run(["claude", "--runtime", "host", "--config", other]);
    expect(stdout).toBe("200 demo,green\n");
    expect(stderr).toMatch(
      /the router of \S+ is not joined: its configuration is another \(profiles, models\)/,
    );
  });

  it("and not where it was given other keys of providers than this shell has", async () => {
    writeFileSync(
      config,
      `${readFileSync(config, "utf8")}providers: { far: { dialect: openai-chat, baseUrl: "http://127.0.0.1:9/v1", keys: ["\${FAR_KEY:-}"] } }\n`,
    );
    await byHand();
    const { stdout, stderr } = await own.run(claude(), { env: { FAR_KEY: "sk-far-0123456789" } });
    expect(stdout).toBe("200 demo,blue\n");
    expect(stderr).toContain("its configuration is another (providers)");
    expect(stderr).not.toContain("sk-far-0123456789");
  });

  it("and goes on with one of its own at the same address when that one ends", async () => {
    const { child } = await byHand();
    const session = await staying();
    expect(routers()).toHaveLength(1);
    await end(child);
    session.stdin!.write("\n");
    await untilPrinted(session, "stdout", /200 demo,blue/);
    expect(routers()).toHaveLength(1);
    expect(readFileSync(join(own.state, "logs/router.log"), "utf8")).toContain("goes on with one of its own");
    await end(session);
    await until(() => routers().length === 0, "the router ends with its session");
  });
});

it("a session that ends while a router is started in the place of the joined one ends that, too", async () => {
  const { child } = await byHand();
  const session = await asked("leave");
  const ended = new Promise((resolve) => session.once("close", resolve));
  await end(child);
  session.stdin!.write("\n");
  expect(await ended).toBe(3);
  expect(routers()).toEqual([]);
  expect(readdirSync(join(own.state, "host/runs"))).toEqual([]);
}, 60_000);

describe("where another program takes the port of the router that a session joined", patience, () => {
  it("it gets no turn, no key and not the machine's secret: the session goes on with a router of its own", async () => {
    const { child, address } = await byHand();
    const session = await staying();
    const gone = new Promise((resolve) => child.once("close", resolve));
    child.kill("SIGKILL");
    await gone;
    const foreign = await listenAt(Number(address.split(":")[1]));
    session.stdin!.write("\n");
    await untilPrinted(session, "stdout", /200 demo,blue/);
    await end(session);
    // A session that begins now finds it at the address of its configuration.
    const usual = join(own.folder, "usual.yaml");
    writeFileSync(usual, readFileSync(config, "utf8").replace("port: 0", `port: ${address.split(":")[1]}`));
    const { stdout, stderr } = await own.run(["claude", "--runtime", "host", "--config", usual]);
    expect(stdout).toBe("200 demo,blue\n");
    expect(stderr).toContain("does not show that it is a router of this project");
    expect(new Set(foreign.heard.map(({ url }) => url))).toEqual(new Set(["/ready", "/api/hello"]));
    const secret = readFileSync(join(own.state, "router/machine-secret"), "utf8").trim();
    for (const { headers } of foreign.heard) expect(headers).not.toMatch(new RegExp(`${secret}|sw-[0-9a-f]`));
    await foreign.close();
  });
});

/** A program that says yes to everything, and keeps what it hears. */
const listenAt = async (
  port: number,
): Promise<{ heard: { url: string; headers: string }[]; close(): Promise<void> }> => {
  const heard: { url: string; headers: string }[] = [];
  const server = createServer((request, response) => {
    heard.push({ url: request.url ?? "", headers: JSON.stringify(request.rawHeaders) });
    response.end('{"service":"switchyard","status":"ready"}');
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    heard,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
};

describe("a session on the host joins another session's router", patience, () => {
  it("which is one process for both, and is one router in `switchyard status`", async () => {
    const first = await staying();
    const second = await staying();
    expect(routers()).toHaveLength(1);
    const { stdout } = await own.run(["status", "--json", "--config", config]);
    const status = JSON.parse(stdout) as { routers: { router: string }[]; hostShells: unknown[] };
    expect(status.routers.map(({ router }) => router)).toEqual([`host shell ${first.pid}`]);
    expect(status.hostShells).toHaveLength(2);
    await end(second);
    await end(first);
  });

  it("and goes on when the first session ends", async () => {
    const first = await staying();
    const second = await staying();
    await end(first);
    second.stdin!.write("\n");
    await untilPrinted(second, "stdout", /200 demo,blue/);
    await end(second);
    await until(() => routers().length === 0, "the last takes its router with it");
    expect(existsSync(join(own.state, "host/runs")) && readdirSync(join(own.state, "host/runs"))).toEqual([]);
  });
});

it("--own-router is refused for a container, whose sessions share a router", async () => {
  const { status, stderr } = await own.run([
    "claude",
    "--runtime",
    "docker",
    "--config",
    config,
    "--own-router",
  ]);
  expect(status).toBe(2);
  expect(stderr).toContain("Say --runtime host with it.");
});
