/** A worker asks another process for what it has not itself. */
import { createServer, request, type Server } from "node:http";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createForwarder, type Forwarder } from "../../../src/router/workers/forward.ts";
import { until } from "../../support/cli.ts";

let folder: string;
let rest: Server;
/** Answers that the other process has begun, or is to begin. */
let open: number;
let begin: () => void;
let forwarder: Forwarder;
let app: FastifyInstance;
let url: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "switchyard-forward-"));
  open = 0;
  rest = createServer((_, res) => {
    open++;
    res.once("close", () => open--);
    begin = () => void res.writeHead(200, { "content-type": "text/event-stream" }).write("data: x\n\n");
  });
  const path = join(folder, "rest.sock");
  await new Promise<void>((resolve) => rest.listen(path, resolve));
  forwarder = createForwarder(path);
  app = fastify();
  app.get("/api/live", forwarder.handler);
  url = await app.listen({ host: "127.0.0.1", port: 0 });
});
afterEach(async () => {
  forwarder.close();
  await app.close();
  rest.closeAllConnections();
  await new Promise((resolve) => rest.close(resolve));
  await rm(folder, { recursive: true });
});

it("whoever goes before there is an answer leaves nothing open in either process", async () => {
  const asked = request(`${url}/api/live`).on("error", () => undefined);
  asked.end();
  await until(() => open === 1, "the question");
  asked.destroy();
  await until(() => open === 0 && forwarder.size === 0, "nothing open");
});

it("whoever goes in the middle of a stream leaves nothing open in either process", async () => {
  const asked = request(`${url}/api/live`).on("error", () => undefined);
  const answered = new Promise((resolve) => asked.once("response", resolve));
  asked.end();
  await until(() => open === 1, "the question");
  begin();
  await answered;
  expect(forwarder.size).toBe(1);
  asked.destroy();
  await until(() => open === 0 && forwarder.size === 0, "nothing open");
});
