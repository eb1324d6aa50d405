/** A router shows that it is one of the project, and nobody shows it with what another router has said. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import {
  challengeHeader,
  proofHeader,
  proofOf,
  proveRouter,
  type RouterPlace,
} from "../../src/shared/router-proof.ts";

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** Answers as a router of the project at `place` would; undefined: of the port on which it listens. */
const routerAt = async (place?: RouterPlace): Promise<string> => {
  const listening = createServer((request, res) => {
    const { port } = listening.address() as AddressInfo;
    const challenge = String(request.headers[challengeHeader]);
    res.writeHead(200, { [proofHeader]: proofOf("secret", challenge, place ?? port) }).end("{}");
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
};
const isOurs = async (url: string): Promise<boolean> => (await proveRouter(url, "secret", 10_000)).ours;

it("a router shows that it is one of the project, on the machine and in a container", async () => {
  expect(await isOurs(await routerAt())).toBe(true);
  server?.close();
  expect(await isOurs(await routerAt("container"))).toBe(true);
});

it("a program that has the machine's router on the usual port answer for it is no router", async () => {
  expect(await isOurs(await routerAt(3000))).toBe(false);
});
