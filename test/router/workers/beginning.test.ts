/** What a worker is told or asked while it begins: another may serve already, and whoever asks that one waits for all. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Config } from "../../../src/config/types.ts";
import type { Begin, FromWorker, ToWorker } from "../../../src/router/workers/messages.ts";
import { until } from "../../support/cli.ts";
import { testConfig } from "../../support/config.ts";
import { smallRequest } from "../../support/router.ts";
import "./patience.ts";

let folder: string;
let worker: ChildProcess;
let said: FromWorker[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "switchyard-beginning-"));
  said = [];
  const main = fileURLToPath(new URL("../../../src/router/workers/worker-main.ts", import.meta.url));
  worker = fork(main, [], { serialization: "advanced" });
  worker.on("message", (message: FromWorker) => void said.push(message));
  await until(() => said.some(({ kind }) => kind === "up"), "its first word", 60_000);
});
afterEach(async () => {
  worker.kill("SIGKILL");
  await once(worker, "exit");
  rmSync(folder, { recursive: true });
});

const tell = (message: ToWorker): void => void worker.send(message);
const answerTo = async (number: number): Promise<FromWorker> => {
  const find = (): FromWorker | undefined =>
    said.find((message) => message.kind === "done" && message.number === number);
  await until(() => find() !== undefined, `the answer to ${number}`, 60_000);
  return find()!;
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
};

const configOf = (model: string): Config =>
  testConfig(`
providers: { demo: { dialect: demo } }
routes: { default: "demo,${model}", background: , think: , longContext: , webSearch: }
`);

const ask = (port: number): Promise<Response> =>
  fetch(`http://127.0.0.1:${port}/v1/messages`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(smallRequest),
  });

const beginAt = (port: number): Begin => ({
  config: configOf("echo"),
  host: "127.0.0.1",
  port,
  stateFile: join(folder, "state.json"),
  accessFolder: undefined,
  ledgerFolder: undefined,
  rest: join(folder, "rest.sock"),
  defaultProfile: undefined,
  chosen: [],
  watched: false,
  writesLog: false,
});

it("metrics are there while a worker begins: it has nothing to tell yet", async () => {
  tell({ number: 1, kind: "report" });
  expect(await answerTo(1)).not.toHaveProperty("problem");
});

it("whoever begins to watch while a worker begins sees its turns", async () => {
  const port = await freePort();
  tell({ number: 1, kind: "begin", begin: beginAt(port) });
  tell({ kind: "watch", on: true });
  expect(await answerTo(1)).not.toHaveProperty("problem");
  expect((await ask(port)).status).toBe(200);
  await until(() => said.some(({ kind }) => kind === "live"), "what it does");
});

it("a configuration that another worker refused does not come into force in one that begins meanwhile", async () => {
  const port = await freePort();
  const target = async (): Promise<string | null> => {
    const answer = await ask(port);
    await answer.text();
    return answer.headers.get("x-switchyard-target");
  };
  tell({ number: 1, kind: "begin", begin: beginAt(port) });
  tell({ number: 2, kind: "prepare", config: configOf("refused") });
  tell({ number: 3, kind: "take", config: configOf("in-force") });
  await answerTo(3);
  expect(await target()).toBe("demo,in-force");
  tell({ number: 4, kind: "swap" });
  await answerTo(4);
  expect(await target()).toBe("demo,in-force");
});
