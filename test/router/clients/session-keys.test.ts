/** Keys of sessions that joined a router, as the router takes them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { authenticate } from "../../../src/router/auth.ts";
import { ClientRegistry } from "../../../src/router/clients/registry.ts";
import { addSessionKey, dropSessionKey, parseSessionKeys } from "../../../src/shared/session-keys.ts";
import { readAccessFile, writeAccessFile } from "../../../src/shared/access-files.ts";
import { testConfig } from "../../support/config.ts";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "switchyard-session-keys-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const key = "sw-0123456789abcdef0123456789abcdef0123456789abcdef";
const isRunning = (pid: number): boolean => pid === process.pid;
/** @param step milliseconds from one look at the clock to the next; by default each look is one at the file */
const gate = (yaml = "{}", step = 10_000) => {
  let now = 0;
  const clients = new ClientRegistry({
    folder,
    log: { error: () => undefined },
    now: () => (now += step),
  });
  return { clients, config: testConfig(yaml) };
};

it("a router that asks for keys takes it as a shell's, until it is taken back", async () => {
  const asked = gate('server: { clientKeys: ["another-key-of-the-configuration"] }');
  const headers = { authorization: `Bearer ${key}` };
  expect(() => authenticate(headers, asked)).toThrow("is not known here");
  await addSessionKey(folder, key, isRunning);
  expect(authenticate(headers, asked)).toMatchObject({ own: {}, client: { name: "a shell" } });
  await dropSessionKey(folder, key);
  expect(() => authenticate(headers, asked)).toThrow();
});

it("one that was made a moment ago opens the router at once, though the file was looked at just before", async () => {
  const asked = gate('server: { clientKeys: ["another-key-of-the-configuration"] }', 0);
  const headers = { authorization: `Bearer ${key}` };
  expect(() => authenticate(headers, asked)).toThrow("is not known here");
  await addSessionKey(folder, key, isRunning);
  expect(authenticate(headers, asked)).toMatchObject({ client: { name: "a shell" } });
});

it("a router that asks for none goes on asking for none, and forwards it to nobody", async () => {
  const open = gate();
  await addSessionKey(folder, key, isRunning);
  expect(authenticate({}, open)).toEqual({ own: {}, client: undefined });
  expect(authenticate({ authorization: "Bearer the-users-own" }, open).own).toEqual({
    authorization: "Bearer the-users-own",
  });
  expect(authenticate({ "x-api-key": key }, open)).toMatchObject({ own: {}, client: { name: "a shell" } });
});

it("the file holds hashes alone, loses those of processes that ended, and when damaged is begun anew", async () => {
  const file = join(folder, "session-keys.json");
  await addSessionKey(folder, key, isRunning);
  expect(readAccessFile(file)).not.toContain(key);
  await addSessionKey(folder, `${key}2`, () => false);
  expect(parseSessionKeys(readAccessFile(file))).toHaveLength(1);
  writeAccessFile(file, "{ damaged");
  await addSessionKey(folder, key, isRunning);
  expect(parseSessionKeys(readAccessFile(file))).toHaveLength(1);
});
