/** Routers that share a file share what they remember. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, rename, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { reserve } from "../../../src/router/budgets/reserve.ts";
import { settle } from "../../../src/router/budgets/settle.ts";
import type { BudgetTerms } from "../../../src/router/budgets/tables.ts";
import { viewBudgets } from "../../../src/router/budgets/view.ts";
import { giveKey } from "../../../src/router/keys/give.ts";
import { takeKey } from "../../../src/router/keys/take.ts";
import type { KeyTerms, Taken } from "../../../src/router/keys/terms.ts";
import { commandOf } from "../../../src/router/state/commands.ts";
import { openState } from "../../../src/router/state/shared.ts";
import type { RouterState } from "../../../src/router/state/state.ts";
import { limited } from "../../support/key-results.ts";
import { until } from "../../support/cli.ts";
import { hour, terms } from "../../support/state.ts";

const day: BudgetTerms = { name: "all", of: null, limit: 10_000, per: "day", timezone: "UTC", warnAt: [] };

let folder: string;
let file: string;
let told: string[];
const opened: RouterState[] = [];
const children: ChildProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-shared-"));
  file = join(folder, "state.json");
  told = [];
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  for (const state of opened.splice(0)) await state.close();
  await rm(folder, { recursive: true, force: true });
});

const tell = (...said: unknown[]): void => void told.push(JSON.stringify(said));
const open = async (): Promise<RouterState> => {
  const state = await openState({ file, log: { warn: tell, info: tell } });
  opened.push(state);
  return state;
};
const close = async (state: RouterState): Promise<void> => {
  opened.splice(opened.indexOf(state), 1);
  await state.close();
};

/** A router's state in a process of its own, which spends a cent each time that it is sent a line. */
const openElsewhere = async (): Promise<ChildProcess> => {
  const child = spawn(process.execPath, [join(import.meta.dirname, "spender.ts"), file], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  children.push(child);
  await said(child);
  return child;
};
const said = async (child: ChildProcess): Promise<string> => {
  const [text] = (await once(child.stdout!, "data")) as [Buffer];
  return text.toString();
};

const spend = async (state: RouterState, cost: number): Promise<void> => {
  const taken = await state.call(reserve, {
    budgets: [{ ...day, enforced: true }],
    amount: 1,
    longest: hour,
  });
  if (taken.kind !== "reserved") throw new Error("there was no room");
  await state.call(settle, {
    lease: taken.lease,
    at: taken.at,
    charges: [{ terms: day, cost, unpriced: false }],
  });
};
const standing = async (state: RouterState): Promise<{ spent: number; held: number }> => {
  const [row] = await state.call(viewBudgets, { budgets: [{ ...day, of: [null] }] });
  return { spent: Math.round(row!.spent * 100) / 100, held: row!.held };
};
const take = (state: RouterState, keys: readonly KeyTerms[] = [terms("a")]): Promise<Taken> =>
  state.call(takeKey, {
    provider: "p",
    model: "m",
    keys,
    strategy: "fill-first",
    conversation: undefined,
    tokens: 0,
    tried: [],
  });

describe("two routers", () => {
  it("know what the other has spent, and what its turns may still cost", async () => {
    const [one, two] = [await open(), await open()];
    expect([one.joined, two.joined]).toEqual([false, true]);
    await spend(two, 5);
    await two.call(reserve, { budgets: [{ ...day, enforced: true }], amount: 7, longest: hour });
    expect(await standing(one)).toEqual({ spent: 5, held: 7 });
    await spend(one, 1);
    expect(await standing(two)).toEqual({ spent: 6, held: 7 });
    expect(told).toEqual([]);
  });

  it("leave a key alone that one of them was refused", async () => {
    const [one, two] = [await open(), await open()];
    const taken = await take(two);
    if (taken.kind !== "taken") throw new Error("it is not free");
    const end = Date.now() + hour;
    await two.call(giveKey, { lease: taken.lease, result: limited(end) });
    expect(await take(one)).toEqual({ kind: "cooling", until: end, reason: "rateLimited" });
  });

  it("keep to the calls at once that a key allows, together", async () => {
    const [one, two] = [await open(), await open()];
    const narrow = [terms("a", { concurrent: 1 })];
    const taken = await take(two, narrow);
    expect(await take(one, narrow)).toMatchObject({ kind: "busy" });
    if (taken.kind === "taken") await two.call(giveKey, { lease: taken.lease, result: { kind: "released" } });
    expect(await take(one, narrow)).toMatchObject({ kind: "taken" });
  });

  it("that begin at once agree on one that holds what is remembered", async () => {
    const all = await Promise.all(Array.from({ length: 8 }, open));
    expect(all.filter(({ joined }) => !joined)).toHaveLength(1);
    await Promise.all(all.map((state) => spend(state, 1)));
    expect(await standing(all[3]!)).toEqual({ spent: 8, held: 0 });
  });

  it("of which one ends lose nothing, and the other goes on", async () => {
    const [one, two] = [await open(), await open()];
    await spend(one, 1);
    await spend(two, 2);
    const ending = close(one);
    const during = Promise.all(Array.from({ length: 50 }, () => spend(two, 1)));
    await Promise.all([ending, during]);
    expect(await standing(two)).toEqual({ spent: 53, held: 0 });
    const three = await open();
    expect(three.joined).toBe(true);
    expect(await standing(three)).toEqual({ spent: 53, held: 0 });
    expect(told).toEqual([]);
  });
});

describe("a router that is killed", () => {
  it("while it holds what all remember: every turn that was counted is counted, once", async () => {
    for (let round = 0; round < 10; round++) {
      file = join(folder, `state-${round}.json`);
      const child = await openElsewhere();
      const two = await open();
      expect(two.joined).toBe(true);
      let counted = 0;
      const turns = Array.from({ length: 200 }, async () => {
        await spend(two, 0.01);
        if (++counted === 40 + round * 7) child.kill("SIGKILL");
      });
      await Promise.all(turns);
      expect(await standing(two)).toEqual({ spent: 2, held: 0 });
      await close(two);
    }
  });

  it("loses nothing of its own that it had answered", async () => {
    const child = await openElsewhere();
    for (let i = 0; i < 30; i++) {
      child.stdin!.write("\n");
      await said(child);
    }
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await standing(await open())).toEqual({ spent: 0.3, held: 0 });
  });

  it("gives back what its turns held", async () => {
    const one = await open();
    const child = await openElsewhere();
    child.stdin!.write("hold\n");
    await said(child);
    expect(await standing(one)).toEqual({ spent: 0, held: 1 });
    child.kill("SIGKILL");
    await until(async () => (await standing(one)).held === 0, "nothing held");
  });
});

describe("a router that is stopped while it holds what all remember", () => {
  it("holds no other up, and counts what the others spent once it goes on", async () => {
    const child = await openElsewhere();
    const two = await open();
    await spend(two, 1);
    child.kill("SIGSTOP");
    await spend(two, 2);
    await spend(two, 3);
    expect(told.join()).toContain("this one counts by itself");
    child.kill("SIGCONT");
    await until(() => told.join().includes("one with the others' again"), "the two together");
    await until(async () => (await standing(two)).spent === 6, "what was spent meanwhile");
    child.stdin!.write("\n");
    await said(child);
    expect(await standing(two)).toEqual({ spent: 6.01, held: 0 });
  }, 40_000);
});

describe("a router that ends while it counts by itself", () => {
  it.each(["SIGKILL", "SIGTERM"] as const)(
    "by %s has what it spent counted once the one that was stopped goes on",
    async (signal) => {
      const holder = await openElsewhere();
      const alone = await openElsewhere();
      holder.kill("SIGSTOP");
      for (let i = 0; i < 3; i++) {
        alone.stdin!.write("\n");
        await said(alone);
      }
      alone.kill(signal);
      await once(alone, "exit");
      expect((await readdir(folder)).filter((name) => name.includes(".owed-"))).toHaveLength(1);
      holder.kill("SIGCONT");
      const two = await open();
      await until(async () => (await standing(two)).spent === 0.03, "what was spent meanwhile");
      await until(
        async () => !(await readdir(folder)).some((name) => name.includes(".owed-")),
        "nothing left to hand in",
      );
      holder.stdin!.write("\n");
      await said(holder);
      expect(await standing(two)).toEqual({ spent: 0.04, held: 0 });
    },
    40_000,
  );

  const allEnd = async (): Promise<void> => {
    const holder = await openElsewhere();
    const alone = await openElsewhere();
    holder.kill("SIGSTOP");
    alone.stdin!.write("\n");
    await said(alone);
    for (const child of [alone, holder]) child.kill("SIGKILL");
    await Promise.all([once(alone, "exit"), once(holder, "exit")]);
  };

  it("is told of where its process had the number that the next router's has, as in containers, and another's cannot be read", async () => {
    await allEnd();
    const name = (await readdir(folder)).find((each) => each.includes(".owed-"));
    const [, before, id] = /^(.*\.owed-)\d+-(.*)$/.exec(name!)!;
    await rename(join(folder, name!), join(folder, `${before}${process.pid}-${id}`));
    await mkdir(join(folder, `${before}4194000-0`));
    expect(await standing(await open())).toEqual({ spent: 0.01, held: 0 });
    expect((await readdir(folder)).filter((each) => each.endsWith(id!))).toEqual([]);
  }, 40_000);

  it("is told of to the one that takes everything over, where all had ended", async () => {
    await allEnd();
    expect(await standing(await open())).toEqual({ spent: 0.01, held: 0 });
    expect(told.join()).toContain("while it counted by itself, is counted now");
  }, 40_000);
});

it("every command that a router may be asked for is known to the one that holds the tables", async () => {
  const source = resolve(import.meta.dirname, "../../../src/router");
  const names: string[] = [];
  for (const path of await readdir(source, { recursive: true })) {
    if (!path.endsWith(".ts") || path.startsWith("state/")) continue;
    const text = await readFile(join(source, path), "utf8");
    for (const [, name] of text.matchAll(/: StateCommand<[^=]*?>\s*=\s*\{\s*name: "([^"]+)"/gs))
      names.push(name!);
  }
  expect(names.length).toBeGreaterThan(15);
  expect(names.filter((name) => commandOf(name) === undefined)).toEqual([]);
});

describe("the socket", () => {
  it("is its owner's alone, and gone with the last router", async () => {
    const one = await open();
    expect((await stat(`${file}.sock`)).mode & 0o777).toBe(0o600);
    await spend(one, 1);
    await close(one);
    expect(await readdir(folder)).toEqual(["state.json"]);
  });

  it("of a router that was killed is no hindrance", async () => {
    const child = await openElsewhere();
    child.kill("SIGKILL");
    await once(child, "exit");
    expect((await open()).joined).toBe(false);
    expect(told).toEqual([]);
  });

  it("lies elsewhere where the folder's name is too long for one", async () => {
    file = join(folder, "a".repeat(120), "state.json");
    const [one, two] = [await open(), await open()];
    expect([one.joined, two.joined]).toEqual([false, true]);
    await spend(two, 2);
    expect(await standing(one)).toEqual({ spent: 2, held: 0 });
  });

  it("that cannot be made leaves the router as if it were alone, and says so", async () => {
    await writeFile(join(folder, "blocked"), "");
    file = join(folder, "blocked", "state.json");
    const one = await open();
    await spend(one, 2);
    expect(await standing(one)).toEqual({ spent: 2, held: 0 });
    expect(told.join()).toContain("cannot be shared");
  });

  it("of a router of another version is left alone: this one counts by itself until that one ends", async () => {
    const other = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.write('{"version":"0.0.0-other"}\n');
    });
    await new Promise<void>((resolve) => other.listen(`${file}.sock`, resolve));
    const one = await open();
    expect(told.join()).toContain("of another version");
    await spend(one, 4);
    await new Promise((resolve) => other.close(resolve));
    await until(async () => (await readFile(file, "utf8").catch(() => "")).includes("spendings"), "the file");
    expect(await standing(one)).toEqual({ spent: 4, held: 0 });
  });
});
