/** Two shells that are opened at once. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { withLock } from "../../src/engine/lock.ts";

describe("lock", () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "switchyard-lock-"));
    file = join(folder, "made/a.lock");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("lets one at a time in, and every one in the end", async () => {
    let inside = 0;
    const seen: number[] = [];
    const visit = () =>
      withLock(file, 10_000, async () => {
        seen.push(++inside);
        for (let i = 0; i < 20; i++) await turn();
        inside--;
      });
    await Promise.all([visit(), visit(), visit()]);
    expect(seen).toEqual([1, 1, 1]);
    expect(existsSync(file)).toBe(false);
  });

  it("is given back when the work fails", async () => {
    await expect(withLock(file, 1000, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await withLock(file, 1000, () => Promise.resolve("yes"))).toBe("yes");
  });

  it("of a process that was killed is no hindrance", async () => {
    const gone = spawnSync("true").pid;
    writeFileSync(join(folder, "b.lock"), String(gone));
    expect(await withLock(join(folder, "b.lock"), 5000, () => Promise.resolve("yes"))).toBe("yes");
  });

  it("of a process in another container lasts, whatever number it has, until nobody would wait for it", async () => {
    const foreign = join(folder, "e.lock");
    writeFileSync(foreign, `${spawnSync("true").pid} pid:[1]`);
    await expect(withLock(foreign, 300, () => Promise.resolve())).rejects.toMatchObject({
      code: "engine.failed",
    });
    const before = new Date(Date.now() - 60_000);
    utimesSync(foreign, before, before);
    expect(await withLock(foreign, 5000, () => Promise.resolve("yes"))).toBe("yes");
  });

  it("that a full disk left empty is no hindrance", async () => {
    const empty = join(folder, "d.lock");
    writeFileSync(empty, "");
    const before = new Date(Date.now() - 60_000);
    utimesSync(empty, before, before);
    expect(await withLock(empty, 5000, () => Promise.resolve("yes"))).toBe("yes");
  });

  it("in a state folder that is a file says which folder cannot be used", async () => {
    writeFileSync(join(folder, "made"), "");
    await expect(withLock(file, 100, () => Promise.resolve())).rejects.toMatchObject({
      code: "state.unusable",
      detail: expect.stringContaining(join(folder, "made")),
    });
  });

  it("that another holds for too long is a refusal which names the file", async () => {
    writeFileSync(join(folder, "c.lock"), String(process.pid));
    await expect(withLock(join(folder, "c.lock"), 100, () => Promise.resolve())).rejects.toMatchObject({
      code: "engine.failed",
      hint: expect.stringContaining("c.lock"),
    });
  });
});
