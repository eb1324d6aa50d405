import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { UpstreamPool } from "../../../src/router/upstream/pool.ts";

const timeouts = { connect: 1_000, firstByte: 5_000, idle: 5_000 };
const running: Server[] = [];
const pools: UpstreamPool[] = [];

afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.close();
  for (const server of running.splice(0)) server.close();
});

/** Bytes that belong to one request alone, in a place each. */
const bytesOf = (seed: number, length: number): Buffer =>
  Buffer.from(Uint8Array.from({ length }, (_, at) => (at * 31 + seed * 17) & 255));

/** Answers `/SEED/LENGTH` with those bytes, in parts of odd sizes that come one by one. */
const startServer = async (): Promise<string> => {
  const server = createServer((request, response) => {
    const [seed, length] = request.url!.split("/").slice(1).map(Number) as [number, number];
    const bytes = bytesOf(seed, length);
    let at = 0;
    const next = (): void => {
      for (let parts = 0; parts < 3 && at < length; parts++) {
        const size = 1 + ((at * 7919 + seed) % 9_000);
        response.write(bytes.subarray(at, at + size));
        at += size;
      }
      if (at < length) setImmediate(next);
      else response.end();
    };
    next();
  });
  running.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

/** @param slow stops after each chunk and goes on later */
const bodyOf = (pool: UpstreamPool, baseUrl: string, path: string, slow = false): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const kept: Buffer[] = [];
    pool.dispatcherOf({ name: "local", baseUrl, timeouts } as never).dispatch(
      { origin: baseUrl, path, method: "GET" },
      {
        onRequestStart: () => undefined,
        onResponseStart: () => undefined,
        // Kept as they are: they must not change when more is read.
        onResponseData: (controller, chunk) => {
          kept.push(chunk);
          if (!slow) return;
          controller.pause();
          setTimeout(() => controller.resume(), 1);
        },
        onResponseEnd: () => resolve(Buffer.concat(kept)),
        onResponseError: (_controller, error) => reject(error),
      },
    );
  });

const poolWith = (env: Record<string, string> = {}): UpstreamPool => {
  const pool = new UpstreamPool(env);
  pools.push(pool);
  return pool;
};

it("answers that come at the same time keep their own bytes, however they are cut", async () => {
  const baseUrl = await startServer();
  const pool = poolWith();
  const asked = Array.from({ length: 40 }, (_, seed) => ({ seed, length: 1 + seed * 9_973 }));
  const found = await Promise.all(
    asked.map(({ seed, length }) => bodyOf(pool, baseUrl, `/${seed}/${length}`)),
  );
  for (const [i, { seed, length }] of asked.entries())
    expect(found[i]!.equals(bytesOf(seed, length)), `answer ${seed}`).toBe(true);
});

it("an answer whose reader stops again and again is whole", async () => {
  const baseUrl = await startServer();
  const found = await bodyOf(poolWith(), baseUrl, "/5/900000", true);
  expect(found.equals(bytesOf(5, 900_000))).toBe(true);
});

it("a provider on this machine is asked without the machine's proxy", async () => {
  const baseUrl = await startServer();
  const pool = poolWith({ HTTP_PROXY: "http://127.0.0.1:9", HTTPS_PROXY: "http://127.0.0.1:9" });
  expect(await bodyOf(pool, baseUrl, "/3/2000")).toEqual(bytesOf(3, 2_000));
});
