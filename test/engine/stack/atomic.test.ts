/** Files of the state folder: whole, or as they were. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readStateFile, replaceFiles } from "../../../src/engine/stack/atomic.ts";

describe("files of the state folder", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "switchyard-state-"));
  });
  afterEach(() => {
    chmodSync(folder, 0o700);
    rmSync(folder, { recursive: true, force: true });
  });
  const content = () =>
    Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]));

  it("a folder where a file should be, or a file where the folder should be, is told by its path", async () => {
    mkdirSync(join(folder, "target.json"));
    writeFileSync(join(folder, "plain"), "");
    for (const wrong of [join(folder, "target.json"), join(folder, "plain", "target.json")])
      await expect(readStateFile(wrong)).rejects.toMatchObject({
        code: "state.unusable",
        detail: expect.stringContaining(wrong),
      });
    expect(await readStateFile(join(folder, "none.json"))).toBeUndefined();
  });

  it("are put back where one of them cannot be written, and nothing else is left beside them", async () => {
    writeFileSync(join(folder, "a"), "old");
    mkdirSync(join(folder, "c"));
    const files = new Map([
      ["a", "new"],
      ["b", "new"],
      ["c/none/d", "new"],
    ]);
    await expect(replaceFiles(folder, files, 0o600)).rejects.toMatchObject({ code: "state.unusable" });
    rmSync(join(folder, "c"), { recursive: true });
    expect(content()).toEqual({ a: "old" });
  });

  it("are put back by what replacing them returns: what was not there is gone again", async () => {
    writeFileSync(join(folder, "a"), "old");
    const undo = await replaceFiles(
      folder,
      new Map([
        ["a", "new"],
        ["b", "new"],
      ]),
      0o600,
    );
    expect(content()).toEqual({ a: "new", b: "new" });
    await undo();
    expect(content()).toEqual({ a: "old" });
  });
});
