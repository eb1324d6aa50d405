/** A router with two workers is one router to whoever uses it. Each request comes on a connection of its own, which the system gives to one of them. */
import { spawnSync } from "node:child_process";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { readMachineSecret } from "../../../src/shared/access-files.ts";
import { proveRouter } from "../../../src/shared/router-proof.ts";
import { eventsOf, smallRequest, testRouter, type TestRouter } from "../../support/router.ts";
import { until } from "../../support/cli.ts";
import "./patience.ts";
import { configFor, heldProvider } from "../reload/held.ts";

const yaml = (model = "echo"): string => `
server: { workers: 2 }
providers: { demo: { dialect: demo } }
routes: { default: "demo,${model}", background: , think: , longContext: , webSearch: }
profiles: { other: { routes: { default: "demo,other" } } }
`;

let router: TestRouter | undefined;
const start = async (text = yaml()): Promise<TestRouter> => (router = await testRouter(text));
const stop = async (): Promise<void> => {
  await router?.close();
  router = undefined;
};

interface Answer {
  readonly status: number;
  readonly target: string;
  readonly body: string;
}

/** One request on a connection of its own. */
const ask = async (path: string, headers: Record<string, string>, body?: object): Promise<Answer> => {
  const asked = request(`${router!.url}${path}`, {
    agent: false,
    method: body === undefined ? "GET" : "POST",
    headers: { ...headers, connection: "close" },
  });
  asked.end(body === undefined ? undefined : JSON.stringify(body));
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  asked.once("error", reject);
  asked.once("response", (answer) => {
    void text(answer).then(
      (body) =>
        resolve({
          status: answer.statusCode ?? 0,
          target: String(answer.headers["x-switchyard-target"]),
          body,
        }),
      reject,
    );
  });
  return promise;
};

const turns = (count: number, fields: object = {}): Promise<Answer[]> =>
  Promise.all(Array.from({ length: count }, () => ask("/v1/messages", {}, { ...smallRequest, ...fields })));
const targets = async (): Promise<string[]> => [...new Set((await turns(6)).map(({ target }) => target))];

/** @returns process ids */
const workers = (): number[] =>
  spawnSync("pgrep", ["-P", String(process.pid), "-f", "worker-main"], { encoding: "utf8" })
    .stdout.split("\n")
    .filter((line) => line !== "")
    .map(Number);

describe("a router with two workers", () => {
  beforeAll(async () => {
    await start();
  });
  afterAll(stop);

  it("has one ledger, one log and one set of metrics, which know every turn that has ended", async () => {
    const { admin, logs } = router!;
    expect(workers()).toHaveLength(2);
    await turns(8);
    const { body: metrics } = await ask("/metrics", admin);
    expect(/^switchyard_turns_total\{.*\} (\d+)$/m.exec(metrics)?.[1]).toBe("8");
    const { body: usage } = await ask("/api/usage", admin);
    expect(JSON.parse(usage)).toMatchObject({ total: { turns: 8 } });
    const { body: lines } = await ask("/api/logs?limit=1000", admin);
    expect(lines.match(/"requestId"/g)).toHaveLength(8);
    expect(logs.filter((line) => line.includes('"requestId"'))).toHaveLength(8);
  });

  it("shows in each worker that it is a router of the project, so that commands talk to it", async () => {
    const { url, access } = router!;
    const seen = await Promise.all(
      Array.from({ length: 6 }, () => proveRouter(url, readMachineSecret(access), 10_000)),
    );
    expect(seen).toEqual(Array.from({ length: 6 }, () => ({ ours: true, ready: true })));
    expect(await proveRouter(url, "another machine's", 10_000)).toEqual({ ours: false, ready: false });
  });

  it("lists its workers to administrators", async () => {
    const { body } = await ask("/api/state", router!.admin);
    const listed = (JSON.parse(body) as { workers: { pid: number; memory: number }[] }).workers;
    expect(new Set(listed.map(({ pid }) => pid))).toEqual(new Set(workers()));
    expect(listed.every(({ memory }) => memory > 1e7)).toBe(true);
  });

  it("takes a configuration into force in all workers, and one with an error in none", async () => {
    expect((await router!.change(yaml("next"))).outcome).toBe("reloaded");
    expect(await targets()).toEqual(["demo,next"]);
    expect((await router!.change(`${yaml("never")}\nnonsense: 1\n`)).outcome).toBe("refused");
    expect(await targets()).toEqual(["demo,next"]);
  });

  it("serves the profile that is chosen in all workers from the moment of the answer", async () => {
    const { url, admin } = router!;
    const chosen = await fetch(`${url}/api/profile`, {
      method: "PUT",
      headers: { ...admin, "content-type": "application/json" },
      body: JSON.stringify({ name: "other" }),
    });
    expect(chosen.status).toBe(200);
    expect(await targets()).toEqual(["demo,other"]);
    await fetch(`${url}/api/profile`, {
      method: "PUT",
      headers: { ...admin, "content-type": "application/json" },
      body: JSON.stringify({ name: null }),
    });
  });

  it("shows the turns of all workers to whoever watches", async () => {
    const { url, admin } = router!;
    const watching = new AbortController();
    const live = await fetch(`${url}/api/live`, { headers: admin, signal: watching.signal });
    let seen = "";
    const reading = (async () => {
      for await (const part of live.body!.pipeThrough(new TextDecoderStream())) seen += part;
    })().catch(() => undefined);
    let asked = 0;
    // Workers hear of who watches a moment later.
    await until(async () => {
      asked += (await turns(2)).length;
      return seen.includes('"ended"');
    }, "an event");
    await turns(8);
    await until(() => (seen.match(/"kind":"ended"/g) ?? []).length >= 8, "the turns of all workers");
    watching.abort();
    await reading;
    expect(asked).toBeGreaterThan(0);
  });

  it("says that its port is taken, and leaves no process behind", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as AddressInfo;
    const { startRouter } = await import("../../../src/router/main.ts");
    const { loadConfig } = await import("../../../src/config/load.ts");
    await router!.change(yaml());
    const config = loadConfig({ file: router!.file, env: {}, keyFiles: false });
    await expect(startRouter({ config, port, write: () => undefined })).rejects.toMatchObject({
      code: "port.inUse",
    });
    expect(workers()).toHaveLength(2);
    other.close();
  });
});

describe("a router that ends", () => {
  afterEach(stop);

  it("lets the streams of all workers finish when it ends, and leaves no process behind", async () => {
    const up = await heldProvider();
    const ending = await start(configFor(up.url, "server: { workers: 2 }"));
    const streams = turns(6, { stream: true });
    await up.open(6);
    const ended = ending.end(60_000);
    await until(async () => (await fetch(`${ending.url}/ready`)).status === 503, "a router that drains");
    up.finish();
    for (const { body } of await streams) expect(eventsOf(body).at(-1)?.event).toBe("message_stop");
    await ended;
    expect(workers()).toEqual([]);
    await up.close();
  });

  it("has no other process where it has one worker", async () => {
    await start(yaml().replace("workers: 2", "workers: 1"));
    await turns(2);
    expect(workers()).toEqual([]);
  });
});
