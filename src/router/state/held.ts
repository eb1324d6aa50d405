/** The side of the router that holds the tables: it runs what others send. */
import { createServer, type Server, type Socket } from "node:net";
import { chmodSync } from "node:fs";
import { messageOf } from "../../shared/errors.ts";
import { versionOfRouter } from "../version.ts";
import { onLines, say } from "./lines.ts";
import type { MemoryState } from "./memory.ts";
import type { commandOf, mirroredRows } from "./commands.ts";

/** The other routers are answered from here on, once there are tables. */
export class HeldState {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Of workers, which have a copy of some tables. */
  readonly #watching = new Set<Socket>();
  #memory: MemoryState | undefined;
  #whenGone: () => void = () => undefined;
  #ending = false;
  #number = 0;

  private constructor() {
    this.#server = createServer((socket) => void this.#welcome(socket));
    // What holds the process up is its own listener.
    this.#server.unref();
  }

  /** Takes the place of the one that holds. @throws the system's error */
  static async at(path: string): Promise<HeldState> {
    const held = new HeldState();
    await new Promise<void>((resolve, reject) => {
      held.#server.once("error", reject).listen(path, () => {
        held.#server.off("error", reject).on("error", () => undefined);
        resolve();
      });
    });
    chmodSync(path, 0o600);
    return held;
  }

  /** Begins to answer. Whoever came before has waited. @param whenGone told each time that another router is no longer connected */
  serve(memory: MemoryState, whenGone: () => void): void {
    this.#memory = memory;
    this.#whenGone = whenGone;
    for (const socket of this.#sockets) say(socket, { version: versionOfRouter() });
  }

  /** Answers no more, writes the tables, and makes room for the next one. */
  async close(): Promise<void> {
    this.#ending = true;
    await this.#memory?.close();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    // What was answered is to arrive.
    for (const socket of this.#sockets) socket.end();
    const late = setTimeout(() => this.#sockets.forEach((socket) => socket.destroy()), 1_000);
    await closed;
    clearTimeout(late);
  }

  async #welcome(socket: Socket): Promise<void> {
    const owner = `router ${++this.#number}`;
    this.#sockets.add(socket);
    socket.unref();
    socket.on("error", () => socket.destroy());
    socket.once("close", () => {
      this.#sockets.delete(socket);
      this.#watching.delete(socket);
      this.#memory?.forget(owner);
      if (!this.#ending) this.#whenGone();
    });
    socket.pause();
    // Most routers are alone: they do without all commands.
    const { commandOf: known, mirroredRows } = await import("./commands.ts");
    onLines(socket, (line) => {
      if (line["watch"] === true) this.#watch(socket, mirroredRows);
      else this.#answer(socket, owner, line, known);
    });
    if (this.#memory !== undefined) say(socket, { version: versionOfRouter() });
    socket.resume();
  }

  #watch(socket: Socket, rowsOf: typeof mirroredRows): void {
    if (this.#memory === undefined) return;
    this.#watching.add(socket);
    const rows = this.#memory.mirror(rowsOf, (row) => {
      for (const each of this.#watching) say(each, { mirror: [row] });
    });
    say(socket, { mirror: rows });
  }

  #answer(
    socket: Socket,
    owner: string,
    { number, name, args, id }: Readonly<Record<string, unknown>>,
    known: typeof commandOf,
  ): void {
    // The one that comes next is asked again.
    if (this.#ending || this.#memory === undefined || typeof name !== "string") return;
    try {
      const command = known(name);
      if (command === undefined) throw new Error(`no command ${name}`);
      const sent = { owner, id: typeof id === "string" ? id : undefined };
      const result = this.#memory.run(command, args, sent);
      if (number !== undefined) say(socket, { number, result });
    } catch (error) {
      if (number !== undefined) say(socket, { number, error: messageOf(error) });
    }
  }
}
