/** Clients that hold a connection without using it. */
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { rawProvider } from "../../support/provider/raw.ts";
import { until } from "../../support/cli.ts";
import { smallRequest, testRouter, type TestRouter } from "../../support/router.ts";
import { configFor } from "./held.ts";

let router: TestRouter;
let socket: Socket | undefined;
afterEach(async () => {
  socket?.destroy();
  await router.close();
});

const open = (): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(router.url);
    const made = connect(Number(port), hostname, () => resolve(made)).on("error", reject);
    socket = made;
  });

const head = (length: number): string =>
  `POST /v1/messages HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;

describe("a client", () => {
  it("that sends its request byte by byte is answered 408 and cut off", async () => {
    router = await testRouter('routes: { default: ["demo,x"] }\nserver: { requestTimeout: 1s }\n');
    const client = await open();
    let answer = "";
    client.setEncoding("utf8").on("data", (text: string) => (answer += text));
    client.write(head(10_000));
    const drip = setInterval(() => client.write(" "), 50);
    await until(() => client.destroyed || client.readableEnded, "the end of the connection");
    clearInterval(drip);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain('"type":"timeout_error"');
  });

  it("that reads nothing while its stream waits is cut off, and the provider's call with it", async () => {
    let gone = false;
    const provider = await rawProvider((res) => {
      res.on("close", () => (gone = true));
      res.writeHead(200, { "content-type": "text/event-stream" });
      const piece = JSON.stringify({ choices: [{ index: 0, delta: { content: "x".repeat(60_000) } }] });
      const more = (): void => {
        while (!res.destroyed && res.write(`data: ${piece}\n\n`));
      };
      res.on("drain", more);
      more();
    });
    router = await testRouter(configFor(provider.url, "server: { stallTimeout: 1s }"));
    const client = await open();
    client.pause();
    const body = JSON.stringify({ ...smallRequest, stream: true });
    client.write(head(body.length) + body);
    await until(() => gone, "the end of the provider's call", 15_000);
    await until(() => router.logs.some((line) => line.includes('"msg":"turn"')), "the turn's line");
    const turn = router.logs.find((line) => line.includes('"msg":"turn"'))!;
    expect(JSON.parse(turn)).toMatchObject({
      outcome: "cut",
      reason: expect.stringContaining("read nothing for 1 s"),
    });
    await provider.close();
  });
});
