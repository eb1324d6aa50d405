/** Two shells that are opened at once. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
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

  it("that its holder gave back while others looked at it, and that the next one has since, is left to that one", async () => {
    const ended = 99_999_999;
    const signal = process.kill.bind(process);
    let next: (() => void) | undefined;
    // Whoever asks whether the holder runs finds that it has ended, in good order, and that another was quicker.
    const kill = vi.spyOn(process, "kill").mockImplementation((pid, name) => {
      if (pid !== ended) return signal(pid, name);
      next?.();
      next = undefined;
      throw Object.assign(new Error("no such process"), { code: "ESRCH" });
    });
    try {
      let entered = 0;
      const work = async (): Promise<void> => {
        entered++;
        await turn();
      };
      for (let round = 0; round < 5; round++) {
        const given = join(folder, `${round}.lock`);
        writeFileSync(given, String(ended));
        next = () => {
          rmSync(given);
          writeFileSync(given, String(process.pid), { flag: "wx" });
        };
        const visits = Array.from({ length: 20 }, () => withLock(given, 100, work));
        await Promise.allSettled(visits);
        expect(readFileSync(given, "utf8")).toBe(String(process.pid));
      }
      expect(entered).toBe(0);
    } finally {
      kill.mockRestore();
    }
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
