/** Processes and threads that are started here use the compile cache of the process that starts them. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const source = (file: string): string => resolve(import.meta.dirname, "../../src", file);

/** Runs a program that tells one thing as JSON. @param lines of an ES module */
const told = (lines: readonly string[], env: Record<string, string>): unknown =>
  JSON.parse(
    execFileSync(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", lines.join("\n")],
      { encoding: "utf8", env },
    ),
  );

const askThread = [
  `import { getCompileCacheDir } from "node:module";`,
  `import { Worker } from "node:worker_threads";`,
  `import { compileCacheVariable } from ${JSON.stringify(source("shared/compile-cache.ts"))};`,
  `const text = 'import { getCompileCacheDir } from "node:module"; import { parentPort } from "node:worker_threads"; parentPort.postMessage(getCompileCacheDir() ?? null)';`,
  `const thread = new Worker(new URL("data:text/javascript," + encodeURIComponent(text)), { env: compileCacheVariable() });`,
  `thread.on("message", (its) => console.log(JSON.stringify({ ours: getCompileCacheDir() ?? null, its })));`,
];

/** @param asking whether the ledger's thread is begun */
const withLedger = (asking: boolean): string[] => [
  `import { LedgerThread } from ${JSON.stringify(source("router/ledger/thread.ts"))};`,
  `const thread = new LedgerThread({ folder: undefined }, console.error);`,
  ...(asking
    ? [
        `const keeping = { keepTurnsFor: 1e9, keepSumsFor: 1e9 };`,
        `await thread.call("statsSince", undefined, { now: Date.now(), keeping });`,
      ]
    : []),
  `await thread.end();`,
  `console.log("null");`,
];

describe("the compile cache", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "switchyard-compile-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("is a thread's, too", () => {
    const { ours, its } = told(askThread, { NODE_COMPILE_CACHE: folder }) as Record<string, unknown>;
    expect(ours).toContain(folder);
    expect(its).toBe(ours);
  });

  it("is no thread's where the process has none", () => {
    expect(told(askThread, {})).toEqual({ ours: null, its: null });
  });

  it("has what the ledger's thread is made of: without it the thread loads a compiler of TypeScript, a third of the router's memory", () => {
    const files = (): number =>
      readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile()).length;
    told(withLedger(false), { NODE_COMPILE_CACHE: folder });
    const before = files();
    told(withLedger(true), { NODE_COMPILE_CACHE: folder });
    // ledger-thread.ts and the files of the store.
    expect(files() - before).toBeGreaterThan(10);
  });
});
