/** Nothing that was appended is lost, and nothing counts twice, whatever becomes of the processes. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { LedgerStore } from "../../../src/router/ledger/store/store.ts";
import { closeAfterEach } from "../../support/open.ts";
import { hour, keeping, noon, testLedger, turn } from "./turns.ts";

closeAfterEach();

const appender = resolve(import.meta.dirname, "appender.ts");

/** Runs an appender and kills it `delay` ms after it has begun. @returns the ids whose append had returned */
const killedAfter = (folder: string, name: string, delay: number): Promise<string[]> =>
  new Promise((done, fail) => {
    const file = join(folder, `${name}.said`);
    const how = name.endsWith("0") ? "thread" : "alone";
    const argv = ["--disable-warning=ExperimentalWarning", appender, folder, name, how];
    const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
    child.stdout.once("data", () => setTimeout(() => child.kill("SIGKILL"), delay));
    child.on("error", fail);
    // An id without its end may be one that was being written.
    child.on("close", () => done(readFileSync(file, "utf8").split("\n").slice(0, -1)));
  });

describe("a router that is killed a hundred times at random moments", () => {
  it("has every turn whose append had returned in its ledger, once, and the database opens clean", async () => {
    const folder = mkdtempSync(join(tmpdir(), "switchyard-kill-"));
    const appended: string[] = [];
    const store = new LedgerStore({ folder, warn: (_code, text) => warned.push(text) });
    const warned: string[] = [];
    try {
      // Two at a time share the folder, as two routers do.
      const lane = async (lane: string): Promise<void> => {
        for (let n = 0; n < 50; n++)
          appended.push(...(await killedAfter(folder, `${lane}${n}`, Math.random() * 50)));
      };
      await Promise.all([lane("a"), lane("b")]);

      const time = { now: Date.now(), keeping };
      const { total } = store.call("usage", { by: "model" }, time);
      const bySession = store.call("usage", { by: "session" }, time);
      store.close();
      const database = new DatabaseSync(join(folder, "ledger.db"), { readOnly: true });
      expect(database.prepare("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
      const rows = database.prepare("SELECT id, input FROM turns").all();
      database.close();

      const found = new Set(rows.map(({ id }) => String(id)));
      expect(appended.filter((id) => !found.has(id))).toEqual([]);
      expect(found.size).toBe(rows.length);
      // Of each process one more may have been written whose append was about to return.
      expect(rows.length - appended.length).toBeLessThanOrEqual(100);
      const input = rows.reduce((sum, row) => sum + Number(row["input"]), 0);
      expect(total).toMatchObject({ turns: rows.length, input, output: rows.length });
      expect(bySession.total).toMatchObject({ turns: rows.length, input });
      // Some were killed before their first turn.
      expect(bySession.rows.length).toBeGreaterThan(60);
    } finally {
      store.close();
      rmSync(folder, { recursive: true, force: true });
    }
  }, 120_000);
});

describe("ten thousand turns at once", () => {
  it("of four routers that share a ledger add up to the token, in each of them", async () => {
    const tested = testLedger();
    const routers = [tested.ledger, tested.another(), tested.another(), tested.another()];
    const expected = { input: 0, output: 0, cacheWrite: 0, cacheRead: 0, reasoning: 0 };
    await Promise.all(
      Array.from({ length: 10_000 }, async (_, n) => {
        const tokens = { input: n, output: n % 97, cacheWrite: n % 13, cacheRead: 3 * n, reasoning: n % 7 };
        await Promise.resolve();
        routers[n % 4]!.append(turn({ at: noon + n, target: `up,m${n % 5}`, tokens, cost: 0.5 }));
        for (const kind of Object.keys(expected) as (keyof typeof expected)[]) expected[kind] += tokens[kind];
        // Some ask while others append.
        if (n % 1_000 === 0) await routers[n % 3]!.usage({ by: "model" });
      }),
    );
    const answers = await Promise.all(routers.map((router) => router.usage({ by: "model" })));
    for (const { ledger, total, rows } of answers) {
      expect(ledger).toBe(answers[0]!.ledger);
      expect(total).toMatchObject({ turns: 10_000, cost: 5_000, ...expected });
      expect(rows.map(({ turns }) => turns)).toEqual([2_000, 2_000, 2_000, 2_000, 2_000]);
    }
  });
});

describe("a ledger that is begun again", () => {
  it("knows what was appended before, and counts it once", async () => {
    const tested = testLedger();
    tested.ledger.append(turn());
    await tested.ledger.close();
    const again = tested.another();
    again.append(turn({ at: noon + hour }));
    expect((await again.usage({ by: "model" })).total.turns).toBe(2);
  });
});
