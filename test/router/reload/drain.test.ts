/** The router is told to end while it answers. */
import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { eventsOf, testRouter, type TestRouter } from "../../support/router.ts";
import { until } from "../../support/cli.ts";
import { configFor, heldProvider, type HeldProvider } from "./held.ts";

let up: HeldProvider;
let router: TestRouter;
const start = async (more = ""): Promise<void> => {
  up = await heldProvider();
  router = await testRouter(configFor(up.url, more));
};
afterEach(async () => {
  await router.close();
  await up.close();
});

/** The head of an answer is there when its first word is. */
const streams = (count: number): Promise<Response[]> =>
  Promise.all(Array.from({ length: count }, () => router.ask({ stream: true })));

describe("a router that is told to end", () => {
  it("finishes 40 streams that are under way, then ends", async () => {
    await start();
    const answers = await streams(40);
    const ended = router.end(60_000);
    up.finish();
    for (const answer of answers) {
      const events = eventsOf(await answer.text());
      expect(events.at(-1)?.event).toBe("message_stop");
      expect(JSON.stringify(events)).toContain("and done");
    }
    await ended;
    await expect(router.ask()).rejects.toThrow();
  });

  it("ends although somebody holds connections on which nothing, or half a request, was sent", async () => {
    await start();
    const { port } = new URL(router.url);
    const sockets = [1, 2].map(() => connect(Number(port), "127.0.0.1"));
    await Promise.all(sockets.map((socket) => once(socket, "connect")));
    sockets[1]!.write("POST /v1/messages HTTP/1.1\r\nhost: 127.0.0.1\r\n");
    // Both are known to the router once it has answered somebody who came later.
    expect((await fetch(`${router.url}/health`)).status).toBe(200);
    const gone = sockets.map((socket) => once(socket.on("error", () => undefined).resume(), "close"));
    await router.end(60_000);
    await Promise.all(gone);
  });

  it("is not ready from the first moment, and says so to new turns in the form of each client: try again", async () => {
    await start();
    const [open] = await streams(1);
    const ended = router.end(60_000);
    const ready = await fetch(`${router.url}/ready`);
    expect([ready.status, await ready.json()]).toEqual([503, { status: "draining" }]);
    const refused = await router.ask({ stream: true });
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(refused.headers.get("connection")).toBe("close");
    expect(await refused.json()).toMatchObject({ type: "error", error: { type: "overloaded_error" } });
    const chat = await fetch(`${router.url}/v1/chat/completions`, { method: "POST", body: "{}" });
    expect(chat.status).toBe(503);
    expect(await chat.json()).toMatchObject({ error: { message: expect.stringContaining("about to end") } });
    up.finish();
    expect(await open!.text()).toContain("message_stop");
    await ended;
  });

  it("cuts what is not finished in time with a well-formed error event, and the log says cut", async () => {
    await start();
    const [open] = await streams(1);
    await router.end(50);
    const events = eventsOf(await open!.text());
    expect(events.map(({ event }) => event)).toContain("content_block_delta");
    expect(events.at(-1)).toMatchObject({
      event: "error",
      data: { type: "error", error: { message: expect.stringContaining("The router ended") } },
    });
    const turns = router.logs.filter((line) => line.includes('"msg":"turn"'));
    expect(turns).toHaveLength(1);
    expect(JSON.parse(turns[0]!)).toMatchObject({
      outcome: "cut",
      reason: expect.stringContaining("The router ended"),
    });
  });

  it("a turn of which nothing was shown yet gets a status when time is up, not a broken connection", async () => {
    await start("server: { headerHold: 60s }");
    const silent = await heldProvider("");
    await router.change(configFor(silent.url, "server: { headerHold: 60s }"));
    const asked = router.ask({ stream: true });
    await silent.open(1);
    const ended = router.end(50);
    const answer = await asked;
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ type: "error" });
    await ended;
    await silent.close();
  });

  it("with nothing under way it ends at once, though connections are kept open by clients", async () => {
    await start();
    expect((await fetch(`${router.url}/health`)).status).toBe(200);
    const ended = router.end(3_600_000);
    let isOver = false;
    void ended.then(() => (isOver = true));
    await until(() => isOver, "the end");
  });
});
