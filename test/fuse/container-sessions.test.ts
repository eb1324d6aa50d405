/** How long a fused container lives: as long as its shells, and no longer. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { createSessions, type Sessions } from "../../src/fuse/container-sessions.ts";

describe("sessions", () => {
  let folder: string;
  let sessions: Sessions;
  let ended: string | undefined;
  const start = async (patience: number, keep?: number): Promise<void> => {
    sessions = createSessions(patience, keep);
    ended = undefined;
    void sessions.over.then((why) => (ended = why));
    await sessions.listen(join(folder, "s.sock"));
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "switchyard-sessions-"));
  });
  afterEach(() => {
    sessions.close();
    rmSync(folder, { recursive: true, force: true });
  });
  /** Comes, greets, and waits for the welcome, so that the supervisor has surely heard it. */
  const visit = (greeting: string): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const socket = connect(join(folder, "s.sock"));
      socket.once("error", reject);
      socket.once("data", () => resolve(socket));
      socket.write(`${greeting}\n`);
    });
  /** Reserves a place while the backend starts, and has surely been heard. */
  const waiting = async (): Promise<Socket> => {
    const socket = connect(join(folder, "s.sock"));
    socket.write("reserve\n");
    // Said again and again: whoever hears it has been heard before.
    const telling = setInterval(() => sessions.waiting("LiteLLM is starting (3 s) …"), 5);
    await once(socket, "data");
    clearInterval(telling);
    return socket;
  };
  const leave = (socket: Socket): Promise<void> =>
    new Promise((resolve) => {
      socket.once("close", () => setImmediate(resolve));
      socket.end();
    });
  const ready = {
    ready: true,
    baseUrl: "http://127.0.0.1:3000",
    passthrough: false,
    key: "sy-1",
    proxy: {},
  } as const;

  it("a container to which nobody comes ends by itself", async () => {
    await start(20);
    expect(await sessions.over).toBe("nobody");
  });

  it("the last to leave ends it, not the first", async () => {
    await start(60_000);
    sessions.announce(ready);
    const [one, two] = [await visit("enter"), await visit("enter")];
    await leave(one);
    expect(ended).toBeUndefined();
    await leave(two);
    expect(await sessions.over).toBe("left");
  });

  it("a shell that is killed has left", async () => {
    await start(60_000);
    sessions.announce(ready);
    // What the kernel does with the connections of a process that ends.
    (await visit("enter")).destroy();
    expect(await sessions.over).toBe("left");
  });

  it("a place that is kept outlives the leaving of others, and goes to the shell that comes for it", async () => {
    await start(60_000, 60_000);
    sessions.announce(ready);
    const one = await visit("enter");
    await leave(await visit("reserve"));
    await leave(one);
    expect(ended).toBeUndefined();
    const two = await visit("enter");
    await leave(two);
    expect(await sessions.over).toBe("left");
  });

  it("a shell is let in also where LiteLLM took longer to start than a place is kept", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    await start(60_000, 15_000);
    const reserving = await waiting();
    vi.advanceTimersByTime(180_000);
    sessions.announce(ready);
    await leave(reserving);
    expect(ended).toBeUndefined();
    await leave(await visit("enter"));
    expect(await sessions.over).toBe("left");
  });

  it("a shell that comes before the leaving of whoever reserved for it leaves no place behind", async () => {
    await start(60_000, 60_000);
    sessions.announce(ready);
    const reserving = await visit("reserve");
    const shell = await visit("enter");
    await leave(reserving);
    expect(ended).toBeUndefined();
    await leave(shell);
    expect(await sessions.over).toBe("left");
  });

  it("whoever gives up while the backend starts leaves no place behind", async () => {
    await start(60_000, 60_000);
    const reserving = await waiting();
    reserving.destroy();
    expect(await sessions.over).toBe("left");
  });

  it("a place is not kept for ever", async () => {
    await start(60_000, 20);
    sessions.announce(ready);
    await leave(await visit("reserve"));
    expect(await sessions.over).toBe("nobody");
  });

  it("a shell that comes early hears how the start goes, then that it is ready", async () => {
    await start(60_000);
    const socket = connect(join(folder, "s.sock"));
    let heard = "";
    socket.setEncoding("utf8").on("data", (text: string) => (heard += text));
    socket.write("reserve\n");
    // Said again and again, as in life: a visitor hears what is said after its greeting.
    const telling = setInterval(() => sessions.waiting("LiteLLM is starting (3 s) …"), 5);
    while (!heard.includes("\n")) await new Promise((done) => setTimeout(done, 5));
    clearInterval(telling);
    sessions.announce(ready);
    while (!heard.includes("ready")) await new Promise((done) => setTimeout(done, 5));
    socket.destroy();
    const words = heard
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as object);
    expect(words[0]).toEqual({ waiting: "LiteLLM is starting (3 s) …" });
    expect(words.at(-1)).toEqual(ready);
  });

  it("a shell that comes early is told when the router is ready, or why it is not", async () => {
    await start(60_000);
    const waiting = visit("enter");
    sessions.announce({ ready: false, problem: "no such provider" });
    const socket = await waiting;
    socket.destroy();
    expect(await sessions.over).toBe("left");
  });
});
