/** The client's side of a turn: what is held, what beats, and what is never written. */
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { heartbeat } from "../../../src/router/turn/heartbeat.ts";
import { Reply } from "../../../src/router/turn/reply.ts";
import { closeAfterEach, closing } from "../../support/open.ts";

closeAfterEach();

/** A server whose one request is handed to the test, and a client of it. */
const open = async (): Promise<{ res: ServerResponse; answer: Promise<string>; leave: () => void }> => {
  let arrived: ((res: ServerResponse) => void) | undefined;
  const res = new Promise<ServerResponse>((resolve) => (arrived = resolve));
  const server = createServer((_req, response) => arrived!(response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing({
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
  const req = request({ host: "127.0.0.1", port: (server.address() as AddressInfo).port });
  const answer = new Promise<string>((resolve) => {
    req.on("error", () => resolve("gone"));
    req.on("response", (got: IncomingMessage) => {
      let text = `${got.statusCode} `;
      got.on("data", (chunk: Buffer) => (text += chunk.toString()));
      got.on("close", () => resolve(text));
    });
  });
  req.end();
  return { res: await res, answer, leave: () => req.destroy() };
};

const options = { headerHold: 20, pingInterval: 20, headers: () => ({ "request-id": "req_1" }) };
const failure = { status: 429, type: "rate_limit_error", message: "slow down", retryAfter: "7" };

describe("a reply", () => {
  it("to a client that has gone before it was made is never written, and leaves no timer", async () => {
    const { res, leave } = await open();
    const closed = new Promise((resolve) => res.on("close", resolve));
    leave();
    await closed;
    let asked = 0;
    const reply = new Reply(res, { ...options, headers: () => ({ n: String(++asked) }) });
    expect(reply.aborted).toBe(true);
    reply.holdStream();
    expect(reply.write("x")).toBe(true);
    reply.send(200, "{}");
    reply.fail(failure);
    reply.end();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(asked).toBe(0);
    expect(res.headersSent).toBe(false);
  });

  it("that fails while its head is held has the failure's status; after a ping it is an error event", async () => {
    const early = await open();
    const held = new Reply(early.res, options);
    held.holdStream();
    held.fail(failure);
    expect(await early.answer).toMatch(/^429 \{"type":"error"/);

    const late = await open();
    const reply = new Reply(late.res, options);
    reply.holdStream();
    await expect.poll(() => reply.headSent).toBe(true);
    reply.fail(failure);
    expect(await late.answer).toMatch(/^200 event: ping\ndata: .*event: error\ndata: .*slow down.*\n\n$/s);
  });

  it("to a client that falls behind again and again has one listener for its time-out", async () => {
    const { res, answer } = await open();
    const reply = new Reply(res, { ...options, stallTimeout: 60_000 });
    const part = "x".repeat(1 << 20);
    for (let behind = 0; behind < 12; behind++) {
      const { promise: drained, resolve } = Promise.withResolvers<void>();
      reply.onDrain = resolve;
      if (!reply.write(part)) await drained;
    }
    expect(res.listenerCount("timeout")).toBe(1);
    reply.end();
    expect((await answer).length).toBeGreaterThan(12 * part.length);
  });

  it("tells once that the client has gone, and nothing after its own end", async () => {
    const left = await open();
    let aborts = 0;
    const reply = new Reply(left.res, options);
    reply.onAbort = () => aborts++;
    reply.write("event: x\n\n");
    left.leave();
    await expect.poll(() => aborts).toBe(1);
    expect(reply.aborted).toBe(true);

    const ended = await open();
    const whole = new Reply(ended.res, options);
    whole.onAbort = () => aborts++;
    whole.send(200, "{}");
    whole.send(500, "twice");
    whole.end();
    expect(await ended.answer).toBe("200 {}");
    expect([aborts, whole.aborted]).toEqual([1, false]);
  });
});

describe("the heartbeat", () => {
  it("is one clock for all of an interval, and stands still when the last has gone", async () => {
    expect(heartbeat(15)).toBe(heartbeat(15));
    let beats = 0;
    const one = { place: -1, beat: () => void beats++ };
    const two = { place: -1, beat: () => void beats++ };
    heartbeat(15).add(one);
    heartbeat(15).add(two);
    await expect.poll(() => beats).toBeGreaterThanOrEqual(4);
    heartbeat(15).delete(one);
    heartbeat(15).delete(two);
    const after = beats;
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(beats).toBe(after);
  });
});
