/** What counts as a change of the configuration's files, however they came there. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { changedSince, type WatchedFiles, watchFiles } from "../../src/config/watch.ts";
import { until } from "../support/cli.ts";

let folder: string;
let watched: WatchedFiles | undefined;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "switchyard-watch-"))));
afterEach(() => {
  watched?.close();
  rmSync(folder, { recursive: true });
});

/** Sees one change of the file after it was made. */
const sees = async (file: string, change: () => void): Promise<void> => {
  let changes = 0;
  watched = watchFiles([file], () => void changes++, { quiet: 1 });
  change();
  await until(() => changes > 0, "the change");
  expect(changes).toBeGreaterThan(0);
};

test("a file behind a link, in a folder of its own (dotfiles), that is edited", async () => {
  const own = join(folder, "dotfiles", "mine.yaml");
  mkdirSync(join(folder, "dotfiles"));
  mkdirSync(join(folder, "config"));
  writeFileSync(own, "a");
  symlinkSync("../dotfiles/mine.yaml", join(folder, "config", "switchyard.yaml"));
  await sees(join(folder, "config", "switchyard.yaml"), () => writeFileSync(own, "b"));
});

test("a folder that is replaced as a whole by a link above the file (Kubernetes)", async () => {
  for (const version of ["v1", "v2"]) {
    mkdirSync(join(folder, version));
    writeFileSync(join(folder, version, "switchyard.yaml"), version);
  }
  symlinkSync("v1", join(folder, "..data"));
  symlinkSync("..data/switchyard.yaml", join(folder, "switchyard.yaml"));
  await sees(join(folder, "switchyard.yaml"), () => {
    symlinkSync("v2", join(folder, "..new"));
    renameSync(join(folder, "..new"), join(folder, "..data"));
  });
});

test("a link that leads in a circle is no reason to hang: it is watched until it is put right", async () => {
  const file = join(folder, "switchyard.yaml");
  symlinkSync("switchyard.yaml", file);
  await sees(file, () => {
    rmSync(file);
    writeFileSync(file, "a");
  });
});

test("a file that was changed before anybody watched is known by its time", () => {
  const file = join(folder, "switchyard.yaml");
  writeFileSync(file, "a");
  const written = statSync(file).ctimeMs;
  expect(changedSince([join(folder, "none.yaml"), file], written)).toBe(true);
  expect(changedSince([join(folder, "none.yaml"), file], written + 1_000)).toBe(false);
});
