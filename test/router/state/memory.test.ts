/** What survives a restart, and what a damaged file does. */
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { measuredSpeed } from "../../../src/router/keys/speed.ts";
import { listState } from "../../../src/router/keys/view.ts";
import { createMemoryState } from "../../../src/router/state/memory.ts";
import type { RouterState, StateCommand, TableTerms } from "../../../src/router/state/state.ts";
import { limited, served } from "../../support/key-results.ts";
import { hour, minute, noon, second, terms, TestState } from "../../support/state.ts";

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-state-"));
  file = join(folder, "deep", "state.json");
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(folder, { recursive: true, force: true });
});

const keys = [terms("a", { requestsPerMinute: 5 }), terms("b")];

describe("after a restart", () => {
  it("a key still rests until the time that its provider named, and no longer", async () => {
    const before = new TestState(file);
    await before.turn(limited(noon + hour));
    await before.state.close();
    const after = new TestState(file);
    after.now = noon + minute;
    expect(await after.take()).toEqual({ kind: "cooling", until: noon + hour, reason: "rateLimited" });
    after.now = noon + hour;
    expect(await after.take()).toMatchObject({ kind: "taken", probe: true });
    expect(after.warnings).toEqual([]);
  });

  it("calls of the process that ended hold no place", async () => {
    const narrow = [terms("a", { concurrent: 1 })];
    const before = new TestState(file);
    await before.hold({ keys: narrow });
    await before.state.close();
    expect(await new TestState(file).take({ keys: narrow })).toMatchObject({ kind: "taken" });
  });

  it("all questions get the answers that they got before it", async () => {
    const turn = fc.record({
      conversation: fc.constantFrom("x", "y", undefined),
      model: fc.constantFrom("m", "n"),
      strategy: fc.constantFrom("round-robin", "weighted", "least-used"),
      tokens: fc.nat(500),
      ends: fc.constantFrom("served", "limited"),
      wait: fc.nat(20 * second),
    });
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(turn, { maxLength: 25 }), async (turns) => {
        const own = `${file}.${runs++}`;
        const one = new TestState(own);
        const play = async (
          s: TestState,
          { ends, wait, ...args }: (typeof turns)[number],
        ): Promise<unknown> => {
          s.now += wait;
          const taken = await s.take({ keys, ...args });
          if (taken.kind === "taken")
            await s.give(taken.lease, ends === "served" ? served(args.tokens, wait) : limited());
          return taken;
        };
        for (const each of turns) await play(one, each);
        await one.state.close();
        const other = new TestState(own);
        other.now = one.now;
        const ask = async (s: TestState): Promise<unknown> => [
          await s.state.call(listState, { providers: [{ provider: "p", keys }] }),
          await s.state.call(measuredSpeed, { targets: ["p,m", "p,n"] }),
        ];
        expect(await ask(other)).toEqual(await ask(one));
        for (const each of turns) expect(await play(other, each)).toEqual(await play(one, each));
      }),
      { numRuns: 40 },
    );
  });
});

describe("the file", () => {
  it("is its owner's alone, holds no calls under way, and leaves nothing beside it", async () => {
    const s = new TestState(file);
    await s.hold({ conversation: "x" });
    await s.state.close();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, "deep"))).toEqual(["state.json"]);
    const text = await readFile(file, "utf8");
    expect(text).toContain("affinities");
    expect(text).not.toContain('leases":[');
  });

  it("is written a second after a change, once for many of them", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const s = new TestState(file);
    for (let i = 0; i < 50; i++) await s.turn(limited(noon + hour), { model: `m${i}` });
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(999);
    await expect(stat(file)).rejects.toThrow("ENOENT");
    await vi.advanceTimersByTimeAsync(1);
    await vi.waitFor(async () => expect(await readFile(file, "utf8")).toContain('"m49"'), { timeout: 5_000 });
    await s.state.close();
  });

  it.each([
    ["cut off", '{"version":1,"tables":{"rests":[["x",{'],
    ["empty", ""],
    ["something else", '["a"]'],
    ["without tables", '{"version":1}'],
    ["with a table of another form", '{"version":1,"tables":{"rests":[["x",1]]}}'],
    ["of another version", '{"version":99,"tables":{}}'],
  ])("that is %s is set aside with a warning, and turns go on", async (_what, text) => {
    file = join(folder, "state.json");
    await writeFile(file, text);
    const s = new TestState(file);
    expect(await s.take()).toMatchObject({ kind: "taken" });
    expect(s.warnings.join()).toContain("starts afresh");
    expect(await readFile(`${file}.damaged`, "utf8")).toBe(text);
    await s.state.close();
    expect(new TestState(file).warnings).toEqual([]);
  });

  it("with values of another form loses those alone", async () => {
    file = join(folder, "state.json");
    const before = new TestState(file);
    await before.turn(limited(noon + hour));
    await before.state.close();
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace('"rests":[', '"rests":[["bad",{"provider":7},null],'));
    const after = new TestState(file);
    expect(await after.take()).toMatchObject({ kind: "cooling" });
    expect(after.warnings.join()).toContain('"table":"rests","count":1');
  });

  it("that cannot be written is told of once, and turns go on", async () => {
    const blocked = join(folder, "blocked");
    await writeFile(blocked, "a file where a folder should be");
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const s = new TestState(join(blocked, "state.json"));
    for (let i = 0; i < 3; i++) {
      await s.turn(served());
      await vi.advanceTimersByTimeAsync(1_000);
    }
    await s.state.close();
    expect(s.warnings.filter((line) => line.includes("cannot be written"))).toHaveLength(1);
  });

  it("that was left behind half written by a kill, open to others, does not become the file", async () => {
    file = join(folder, "state.json");
    await writeFile(`${file}.${process.pid}.tmp`, "half");
    await chmod(`${file}.${process.pid}.tmp`, 0o644);
    const s = new TestState(file);
    await s.turn(served());
    await s.state.close();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({ version: 1 });
  });
});

describe("a table", () => {
  const bounded: TableTerms<number> = {
    name: "numbers",
    lasting: true,
    most: 3,
    holds: (value): value is number => typeof value === "number",
  };
  const set: StateCommand<readonly [string, number], void> = {
    name: "set",
    lasting: true,
    run: (tables, [key, expiresAt]) => tables.of(bounded).set(key, 1, expiresAt),
  };
  const list: StateCommand<undefined, string[]> = {
    name: "list",
    lasting: false,
    run: (tables) => [...tables.of(bounded).entries()].map(([key]) => key),
  };
  let now = noon;
  let state: RouterState;
  beforeEach(() => {
    now = noon;
    state = createMemoryState({ now: () => now, log: { warn: () => undefined } });
  });

  it("forgets a value at its time", async () => {
    await state.call(set, ["soon", noon + 1]);
    await state.call(set, ["never", Infinity]);
    expect(await state.call(list, undefined)).toEqual(["soon", "never"]);
    now++;
    expect(await state.call(list, undefined)).toEqual(["never"]);
  });

  it("holds no more than its bound: what was set longest ago goes first", async () => {
    for (const key of ["a", "b", "c", "a", "d"]) await state.call(set, [key, Infinity]);
    expect(await state.call(list, undefined)).toEqual(["c", "a", "d"]);
  });

  it("knows its sums without counting anew, whatever came and went", async () => {
    const summed: TableTerms<number> = {
      ...bounded,
      name: "summed",
      most: 5,
      sums: (value) => [["all", "", value]],
    };
    const change: StateCommand<readonly [string, number, number], number> = {
      name: "change",
      lasting: true,
      run: (tables, [key, value, lasts], at) => {
        const table = tables.of(summed);
        if (value === 0) table.delete(key);
        else table.set(key, value, at + lasts);
        return table.sumsOf("all").get("") ?? 0;
      },
    };
    const counted: StateCommand<undefined, number> = {
      name: "counted",
      lasting: false,
      run: (tables) => [...tables.of(summed).entries()].reduce((sum, [, value]) => sum + value, 0),
    };
    const step = fc.tuple(
      fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h"),
      fc.nat(9),
      fc.constantFrom(minute, hour),
      fc.nat(2),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const own = createMemoryState({ now: () => now, log: { warn: () => undefined } });
        for (const [key, value, lasts, wait] of steps) {
          // What has expired is counted until the next sweep.
          now += wait * minute;
          const sum = await own.call(change, [key, value, lasts]);
          if (wait > 0) expect(sum).toBe(await own.call(counted, undefined));
        }
      }),
    );
  });

  it("that this version does not know is kept for the one that does", async () => {
    file = join(folder, "state.json");
    await writeFile(file, '{"version":1,"tables":{"budgets":[["x",{"spent":1},null]]}}');
    const s = new TestState(file);
    await s.turn(served());
    await s.state.close();
    expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({
      tables: { budgets: [["x", { spent: 1 }, null]] },
    });
  });
});

it("twenty thousand conversations leave no more than the bound behind, and none of them after an hour", async () => {
  const s = new TestState(file);
  for (let i = 0; i < 20_000; i++) await s.turn(served(1, 1), { conversation: `c${i}` });
  await s.state.close();
  const rowsOf = async (): Promise<Record<string, unknown[]>> =>
    (JSON.parse(await readFile(file, "utf8")) as { tables: Record<string, unknown[]> }).tables;
  expect((await rowsOf())["affinities"]).toHaveLength(10_000);
  const later = new TestState(file);
  later.now = noon + hour;
  await later.turn(served());
  await later.state.close();
  expect(await rowsOf()).not.toHaveProperty("affinities");
});
