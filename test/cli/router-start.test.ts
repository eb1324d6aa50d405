/** The router's start: its command line, and the process that reads its configuration. */
import { spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { plainRouterOptions } from "../../src/cli/router-arguments.ts";
import { finished, runs, sandbox, until, untilPrinted, type Sandbox } from "../support/cli.ts";

describe("the command line of `switchyard router`", () => {
  it.each([
    [["router"], {}],
    [["router", "--port", "0", "--host", "::1"], { port: 0, host: "::1" }],
    [["router", "-c", "a.yaml", "--port=80"], { config: "a.yaml", port: 80 }],
    [["router", "--port", "1", "--port", "2"], { port: 2 }],
    [["router", "--keys-stdin", "--end-with-stdin"], { keysStdin: true, endWithStdin: true }],
  ])("%j is understood without the CLI's library", (argv, options) => {
    expect(plainRouterOptions(argv)).toEqual(options);
  });

  it.each([
    [[]],
    [["shell", "router"]],
    [["router", "--help"]],
    [["router", "-h"]],
    [["router", "--prot", "1"]],
    [["router", "extra"]],
    [["router", "--", "extra"]],
    [["router", "--port", "70000"]],
    [["router", "--port", "1e3"]],
    [["router", "--port"]],
    [["router", "--config="]],
    [["router", "--keys-stdin=yes"]],
    [["--help", "router"]],
  ])("%j is left to it", (argv) => {
    expect(plainRouterOptions(argv)).toBeUndefined();
  });
});

/** Process ids of those children of a process that read a configuration; the shell in `bin/switchyard` has others before. */
const readersOf = (pid: number | undefined): number[] =>
  spawnSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" })
    .stdout.trim()
    .split("\n")
    .flatMap((line) => {
      const [child, parent, ...command] = line.trim().split(/\s+/);
      return Number(parent) === pid && command.join(" ").includes("load-child") ? [Number(child)] : [];
    });

describe("the process that reads the router's configuration", () => {
  let own: Sandbox;
  beforeAll(() => {
    own = sandbox();
  });
  afterAll(() => own.remove());

  const reader = async (router: ChildProcess): Promise<number> => {
    let found: number | undefined;
    await until(() => {
      found = readersOf(router.pid)[0];
      return found !== undefined;
    }, "the reader of the configuration");
    return found!;
  };

  it("is gone when the router serves", async () => {
    const router = own.start(["router", "--port", "0"]);
    const end = finished(router);
    await untilPrinted(router, "stdout", /^listening on /);
    await until(() => readersOf(router.pid).length === 0, "the end of the reader");
    router.kill("SIGTERM");
    expect((await end).status).toBe(0);
  });

  it("ends when the router is killed while it waits for the keys", async () => {
    const router = own.start(["router", "--port", "0", "--keys-stdin"]);
    const end = finished(router);
    const pid = await reader(router);
    router.kill("SIGKILL");
    await end;
    await until(() => !runs(pid), "the end of the reader");
  });

  it("when it is killed, the router ends with status 1 and says so in words", async () => {
    const router = own.start(["router", "--port", "0", "--keys-stdin"]);
    const end = finished(router);
    process.kill(await reader(router), "SIGKILL");
    router.stdin?.write("{}\n");
    const { status, stdout, stderr } = await end;
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain("the process that reads the configuration failed");
    expect(stderr).toContain("signal SIGKILL");
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

/** Names of a process' threads, where the system shows them (Linux); undefined elsewhere. */
const threadsOf = (pid: number): string[] | undefined => {
  const folder = `/proc/${pid}/task`;
  if (!existsSync(folder)) return undefined;
  return readdirSync(folder).map((thread) => readFileSync(join(folder, thread, "comm"), "utf8").trim());
};

const childrenOf = (pid: number): string[] =>
  spawnSync("ps", ["-A", "-o", "ppid=,args="], { encoding: "utf8" })
    .stdout.split("\n")
    .filter((line) => line.trim().startsWith(`${pid} `));

describe("a router at rest", () => {
  it("is the one process that was started, and has no thread of the ledger before its first turn", async () => {
    const own = sandbox();
    const file = join(own.folder, "rest.yaml");
    writeFileSync(file, 'routes: { default: ["demo,echo"] }\n');
    const router = own.start(["router", "--config", file, "--port", "0"]);
    const end = finished(router);
    const pid = router.pid!;
    const url = (await untilPrinted(router, "stdout", /^listening on (\S+)/))[1]!;
    // The one that read its configuration has ended.
    await until(() => childrenOf(pid).length === 0, "a router without children");
    const ledgers = (): number | undefined => threadsOf(pid)?.filter((name) => name === "ledger").length;
    expect(ledgers() ?? 0).toBe(0);
    const turn = { model: "claude-sonnet-4-5", max_tokens: 9, messages: [{ role: "user", content: "hi" }] };
    const answer = await fetch(`${url}/v1/messages`, { method: "POST", body: JSON.stringify(turn) });
    expect(answer.status).toBe(200);
    await until(() => (ledgers() ?? 1) === 1, "the thread of the ledger");
    expect(childrenOf(pid)).toEqual([]);
    router.kill("SIGTERM");
    await end;
    own.remove();
  });
});
