/** The stable address of a session that joined a router. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { type Relay, startRelay } from "../../src/fuse/relay.ts";

const servers: Server[] = [];
let relay: Relay | undefined;
afterEach(async () => {
  await relay?.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A router that says its name, and whose `/ready` is as it is told. */
const router = async (name: string, state = { ready: true }): Promise<{ url: string; server: Server }> => {
  const server = createServer((request, response) => {
    if (request.url === "/ready") response.writeHead(state.ready ? 200 : 503).end();
    else response.end(name);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
};
const serves = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(`${url}/ready`, { headers: { connection: "close" } })).ok;
  } catch {
    return false;
  }
};
const ask = async (): Promise<string> =>
  (await fetch(relay!.url, { headers: { connection: "close" } })).text();

it("passes on to the router, and where that one drains to the next, without the client's noticing", async () => {
  const state = { ready: true };
  const [first, second] = [await router("first", state), await router("second")];
  relay = await startRelay(first.url, serves, () => Promise.resolve(second.url));
  expect(await ask()).toBe("first");
  state.ready = false;
  expect(await ask()).toBe("second");
});

it("connections that come while the next is not there yet wait for it, and it is asked for once", async () => {
  const [gone, second] = [await router("gone"), await router("second")];
  gone.server.close();
  const started = Promise.withResolvers<string>();
  let asked = 0;
  relay = await startRelay(gone.url, serves, () => {
    asked++;
    return started.promise;
  });
  const answers = Promise.all([ask(), ask(), ask()]);
  started.resolve(second.url);
  expect(await answers).toEqual(["second", "second", "second"]);
  expect(asked).toBe(1);
});

it("where none can be started the connection ends, and the next one tries again", async () => {
  const [gone, second] = [await router("gone"), await router("second")];
  gone.server.close();
  let fails = true;
  relay = await startRelay(gone.url, serves, () =>
    fails ? Promise.reject(new Error("no port")) : Promise.resolve(second.url),
  );
  await expect(ask()).rejects.toThrow("fetch failed");
  fails = false;
  expect(await ask()).toBe("second");
});
