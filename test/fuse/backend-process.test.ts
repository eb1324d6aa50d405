import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawn } from "node:child_process";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openLogFile } from "../../src/fuse/log-file.ts";
import {
  startBackendProcess,
  type BackendProcess,
  type BackendProcessOptions,
} from "../../src/fuse/backend-process.ts";
import { backends } from "../../src/shared/backends.ts";
import { runs, until, untilPrinted } from "../support/cli.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "switchyard-backend-process-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const program = join(import.meta.dirname, "fake-backend.ts");
let current: BackendProcess | undefined;
const start = async (mode: string, more: Partial<BackendProcessOptions> = {}): Promise<BackendProcess> => {
  current = await startBackendProcess({
    backend: backends.router,
    argv: (port) => [process.execPath, program, String(port), mode],
    env: {},
    restartDelay: { first: 5, longest: 20 },
    ...more,
  });
  return current;
};
afterEach(async () => {
  await current?.stop();
  current = undefined;
});

const get = async (url: string): Promise<string> => (await fetch(url)).text();

describe("a backend as a child", () => {
  it("is ready when GET /ready answers 200, not when it merely listens", async () => {
    const router = await start("slow");
    expect((await fetch(`${router.url}/ready`)).status).toBe(200);
  });

  it("gets its keys on stdin, and nothing but what it is given in its environment", async () => {
    const router = await start("", { stdin: '{"KEY":"value"}' });
    await until(async () => (await get(`${router.url}/stdin`)) === '{"KEY":"value"}\n', "the keys");
    const environment = readFileSync(`/proc/${router.pid()}/environ`, "utf8");
    expect(environment).toBe("");
  });

  it("a crash is survived: the same address answers again, with the keys, and the reason is told", async () => {
    const reasons: string[] = [];
    const router = await start("", { stdin: "keys", onRestart: (reason) => reasons.push(reason) });
    for (let crash = 1; crash <= 3; crash++) {
      const before = router.pid();
      await fetch(`${router.url}/crash`).catch(() => undefined);
      await until(() => router.pid() !== undefined && router.pid() !== before, "another router");
      expect(await get(`${router.url}/pid`)).toBe(String(router.pid()));
      await until(async () => (await get(`${router.url}/stdin`)) === "keys\n", "the keys");
      expect(reasons).toHaveLength(crash);
    }
    expect(reasons[0]).toBe("exit status 3");
  });

  it("a router that is killed is started again", async () => {
    const reasons: string[] = [];
    const router = await start("", { onRestart: (reason) => reasons.push(reason) });
    const before = router.pid();
    process.kill(before!, "SIGKILL");
    await until(() => router.pid() !== undefined && router.pid() !== before, "another router");
    expect(reasons).toEqual(["signal SIGKILL"]);
  });

  it("one that ends at once is told with its last words, and not tried again", async () => {
    const marker = join(folder, "starts");
    const counting = `require("fs").appendFileSync(${JSON.stringify(marker)}, "x")`;
    writeFileSync(join(folder, "count.cjs"), counting);
    const failed = start("die", {
      argv: (port) => [
        process.execPath,
        "--require",
        join(folder, "count.cjs"),
        program,
        String(port),
        "die",
      ],
    });
    await expect(failed).rejects.toMatchObject({
      code: "fuse.routerFailed",
      message: expect.stringMatching(/exit status 9\n {2}the disk is on fire\n {2}plain words$/) as unknown,
    });
    expect(readFileSync(marker, "utf8")).toBe("x");
  });

  it("its last words hold no stack trace", async () => {
    const failed = start("trace");
    await expect(failed).rejects.toMatchObject({
      message: expect.stringMatching(/exit status 9\n {2}ImportError: no such module$/) as unknown,
    });
  });

  it("one that cannot be started at all is told", async () => {
    await expect(start("", { argv: () => ["/nonexistent/router"] })).rejects.toMatchObject({
      code: "fuse.routerFailed",
      message: expect.stringContaining("ENOENT") as unknown,
    });
  });

  it("one that stays silent is ended and told", async () => {
    const lines: string[] = [];
    const failed = start("mute", { readyTimeout: 1_000, onLogLine: (line) => lines.push(line) });
    await expect(failed).rejects.toThrow("it was not ready after 1 s");
    const pid = Number(/up as (\d+)/.exec(lines.join())?.[1]);
    expect(pid).toBeGreaterThan(0);
    expect(runs(pid)).toBe(false);
  });

  it("stop ends it, even one that ignores SIGTERM, and it does not come back", async () => {
    const router = await start("stubborn", { stopGrace: 100 });
    const pid = router.pid()!;
    await Promise.all([router.stop(), router.stop()]);
    expect(runs(pid)).toBe(false);
    await expect(fetch(router.url)).rejects.toThrow("fetch failed");
  });

  it("its log is kept in a file that only the user can read, and each line is handed on", async () => {
    const logFile = join(folder, "logs/router.log");
    const lines: string[] = [];
    const router = await start("", { logFile, onLogLine: (line) => lines.push(line) });
    const expected = `{"level":30,"msg":"up as ${router.pid()}"}`;
    await until(() => lines.length > 0, "a line");
    expect(lines).toEqual([expected]);
    expect(readFileSync(logFile, "utf8")).toBe(`${expected}\n`);
    expect(statSync(logFile).mode & 0o777).toBe(0o600);
  });

  it("a supervisor that is killed takes the router with it", async () => {
    const file = join(folder, "supervisor.ts");
    const from = JSON.stringify(join(import.meta.dirname, "../../src/fuse/backend-process.ts"));
    writeFileSync(
      file,
      `import { startBackendProcess } from ${from};
       const router = await startBackendProcess({ backend: JSON.parse(process.argv[2]), argv: (port) => [process.execPath, ${JSON.stringify(program)}, String(port), "lifeline"], env: {} });
       console.log("router " + router.pid());`,
    );
    const supervisor = spawn(process.execPath, [file, JSON.stringify(backends.router)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [, pid] = await untilPrinted(supervisor, "stdout", /router (\d+)/);
    supervisor.kill("SIGKILL");
    await until(() => !runs(Number(pid)), "the end of the router");
  });
});

describe("the log file", () => {
  it("never grows without end: it is moved aside at its limit, and one older file is kept", () => {
    const path = join(folder, "limited.log");
    const log = openLogFile(path, 100);
    for (let i = 0; i < 50; i++) log.write(`line ${i} of some length\n`);
    expect(statSync(path).size).toBeLessThan(150);
    expect(statSync(`${path}.1`).size).toBeLessThan(150);
    expect(readFileSync(path, "utf8")).toContain("line 49 ");
  });

  it("a disk that refuses does not end the session", () => {
    expect(() => openLogFile(join(program, "router.log")).write("x\n")).not.toThrow();
  });
});

describe("a backend that does not say where it listens", () => {
  const quiet = { ...backends.litellm, patience: 10_000 };

  it("is given a free port, and is ready when its own check of readiness answers 200", async () => {
    const backend = await start("quiet", { backend: quiet });
    expect(backend.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await fetch(`${backend.url}/health/readiness`)).status).toBe(200);
    expect(await get(`${backend.url}/pid`)).toBe(String(backend.pid()));
  });

  it("what it prints on stdout is in its log as well", async () => {
    const lines: string[] = [];
    await start("quiet", { backend: quiet, onLogLine: (line) => lines.push(line) });
    await until(() => lines.includes("a banner"), "the banner");
  });

  it("a crash is survived at the same address", async () => {
    const backend = await start("quiet", { backend: quiet });
    const before = backend.pid();
    await fetch(`${backend.url}/crash`).catch(() => undefined);
    await until(() => backend.pid() !== undefined && backend.pid() !== before, "another one");
    expect(await get(`${backend.url}/pid`)).toBe(String(backend.pid()));
  });

  it("one that does not become ready is told by its own name", async () => {
    await expect(start("die", { backend: quiet })).rejects.toMatchObject({ code: "fuse.litellmFailed" });
  });
});

it("a start that is given up leaves no process behind", async () => {
  const lines: string[] = [];
  const giveUp = new AbortController();
  const failed = start("mute", {
    signal: giveUp.signal,
    onLogLine: (line) => {
      lines.push(line);
      giveUp.abort();
    },
  });
  await expect(failed).rejects.toThrow("it was stopped before it was ready");
  const pid = Number(/up as (\d+)/.exec(lines.join())?.[1]);
  expect(pid).toBeGreaterThan(0);
  expect(runs(pid)).toBe(false);
});
