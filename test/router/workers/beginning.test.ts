/** What a worker is told or asked while it begins: another may serve already, and whoever asks that one waits for all. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
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

const beginAt = (port: number): Begin => ({
  config: testConfig(`
providers: { demo: { dialect: demo } }
routes: { default: "demo,echo", background: , think: , longContext: , webSearch: }
`),
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
  const answer = await fetch(`http://127.0.0.1:${port}/v1/messages`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(smallRequest),
  });
  expect(answer.status).toBe(200);
  await until(() => said.some(({ kind }) => kind === "live"), "what it does");
});
