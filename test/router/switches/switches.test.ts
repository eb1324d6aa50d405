import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { takeKey } from "../../../src/router/keys/take.ts";
import { switchProvider, listSwitchedOff } from "../../../src/router/switches/commands.ts";
import { withoutSwitchedOff } from "../../../src/router/switches/targets.ts";
import { createMemoryState } from "../../../src/router/state/memory.ts";
import { closeAfterEach, closing } from "../../support/open.ts";
import { testRouter } from "../../support/router.ts";

closeAfterEach();

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const log = { warn: () => undefined };
const targets = [
  { provider: "a", model: "x" },
  { provider: "b", model: "y" },
];

describe("a provider that is switched off", () => {
  it("is left out of a turn's targets, with the reason, and gives no key", async () => {
    const state = createMemoryState({ log });
    await state.call(switchProvider, { provider: "a", on: false });
    expect(await withoutSwitchedOff(state, targets)).toEqual({
      targets: [targets[1]],
      skipped: [{ target: targets[0], reason: "its provider is switched off on the dashboard" }],
    });
    const taken = await state.call(takeKey, {
      provider: "a",
      model: "x",
      keys: [{ id: "k", priority: 0, weight: 1 }],
      strategy: "fill-first",
      conversation: undefined,
      tokens: 1,
      tried: [],
    });
    expect(taken).toEqual({ kind: "none" });
  });

  it("stays off over a restart, and is used again once it is switched on", async () => {
    const folder = mkdtempSync(join(tmpdir(), "switchyard-switch-"));
    folders.push(folder);
    const file = join(folder, "state.json");
    const before = createMemoryState({ file, log });
    expect(await before.call(switchProvider, { provider: "a", on: false })).toEqual({ changed: true });
    expect(await before.call(switchProvider, { provider: "a", on: false })).toEqual({ changed: false });
    await before.close();
    const after = createMemoryState({ file, log });
    expect((await after.call(listSwitchedOff, {})).map(([name]) => name)).toEqual(["a"]);
    expect(await after.call(switchProvider, { provider: "a", on: true })).toEqual({ changed: true });
    expect((await withoutSwitchedOff(after, targets)).targets).toEqual(targets);
    await after.close();
  });
});

describe("POST /api/providers/{name}", () => {
  const start = async () =>
    closing(
      await testRouter(
        'providers: { one: { dialect: openai-chat, baseUrl: "http://127.0.0.1:1/v1", keys: ["${K}"] } }\nroutes: { default: "one,m" }\nprofiles: { blue: { models: { sonnet: "one,of-blue" } } }\n',
        { K: "sk-longer-than-eight-1234" },
      ),
    );

  const send = (router: Awaited<ReturnType<typeof start>>, name: string, body: unknown) =>
    fetch(`${router.url}/api/providers/${encodeURIComponent(name)}`, {
      method: "POST",
      headers: { ...router.admin, "content-type": "application/json" },
      body: JSON.stringify(body),
    });

  const list = async (router: Awaited<ReturnType<typeof start>>): Promise<string> =>
    (await fetch(`${router.url}/api/providers`, { headers: router.admin })).text();

  it("switches off and on, and GET tells since when; of keys the endings alone are told", async () => {
    const router = await start();
    expect(await (await send(router, "one", { enabled: false })).json()).toEqual({
      name: "one",
      enabled: false,
      changed: true,
    });
    const text = await list(router);
    expect(JSON.parse(text)).toMatchObject({
      providers: expect.arrayContaining([
        expect.objectContaining({
          name: "one",
          baseUrl: "http://127.0.0.1:1/v1",
          keys: ["…1234"],
          switchedOff: expect.stringMatching(/^\d{4}-/),
          targets: ["one,m", "one,of-blue"],
          usedBy: { "one,m": ["routes.default"], "one,of-blue": ["profiles.blue.models.sonnet"] },
        }),
      ]),
    });
    expect(text).not.toMatch(/sk-longer/);
    await send(router, "one", { enabled: true });
    expect(await list(router)).not.toMatch(/"name":"one"[^}]*"switchedOff":"/);
  });

  it("says what is wrong with a name or a body", async () => {
    const router = await start();
    expect((await send(router, "nobody", { enabled: false })).status).toBe(404);
    const odd = await send(router, "one", { enabled: "no" });
    expect([odd.status, await odd.text()]).toEqual([400, expect.stringContaining("{enabled: true}")]);
    expect((await send(router, "%", { enabled: true })).status).toBe(404);
  });
});
