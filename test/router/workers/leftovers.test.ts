/** A router that was killed leaves its folder behind: the next one removes it, and no other. */
import { existsSync, mkdtempSync, rmSync, utimesSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { afterEach, expect, it } from "vitest";
import { folderPrefix, restSocket, sweepLeftovers } from "../../../src/router/workers/leftovers.ts";

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** @param age minutes since it was made */
const folder = (age: number): string => {
  const path = mkdtempSync(join(tmpdir(), folderPrefix));
  made.push(path);
  const then = Date.now() / 1_000 - age * 60;
  utimesSync(path, then, then);
  return path;
};

it("the folder of a router that was killed is removed; that of one that serves or begins stays", async () => {
  const [killed, serving, begins] = [folder(2), folder(2), folder(0)];
  const server = createServer().listen(join(serving, restSocket));
  await once(server, "listening");
  const then = Date.now() / 1_000 - 120;
  utimesSync(serving, then, then);
  await sweepLeftovers();
  expect([killed, serving, begins].map((path) => existsSync(path))).toEqual([false, true, true]);
  server.close();
});
