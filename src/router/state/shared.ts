/**
 * One state for all routers that share its file: one of them holds the tables, the others send it their commands over a socket beside the file. When
 * it ends the next one takes the tables over; so a turn never waits for a file, and a router that is alone pays nothing (docs/adr/0041-shared-state.md).
 */
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf, SwitchyardError } from "../../shared/errors.ts";
import { withLock } from "../../shared/lock.ts";
import type { Logger } from "../../shared/log.ts";
import { listSwitchedOff } from "../switches/commands.ts";
import { HeldState } from "./held.ts";
import { HolderLink } from "./link.ts";
import { createMemoryState, MemoryState, type MemoryStateOptions } from "./memory.ts";
import { leftOwing, OwedJournal, type OwedCommand } from "./owed.ts";
import { socketPath } from "./place.ts";
import type { NearState } from "./near.ts";
import { readSnapshot } from "./snapshot.ts";
import type { RouterState, StateCommand } from "./state.ts";

export interface SharedStateOptions {
  /** Undefined: nothing survives the process, and nobody shares it. */
  readonly file: string | undefined;
  readonly log: Pick<Logger, "warn" | "info">;
  /** This process answers by itself what it can (near.ts). A moment may pass until it knows what another has changed. */
  readonly near?: boolean;
  /** Told what another process held when it ended, by table, where the tables are here. */
  readonly onForgotten?: MemoryStateOptions["onForgotten"];
}

/** How long to wait for another router that begins at the same time, in milliseconds. */
const patience = 5_000;
/** Between two tries to find the others again, in milliseconds. */
const againAfter = 1_000;

/** The state of a file: held here, or by a router that runs already. Never rejects: without the others a router goes on alone. */
export const openState = async (options: SharedStateOptions): Promise<RouterState> => {
  const { file, log } = options;
  if (file === undefined) return createMemoryState({ log });
  const state = new SharedState(file, options);
  await state.begin();
  return state;
};

class SharedState implements RouterState {
  joined = false;
  readonly #file: string;
  readonly #log: SharedStateOptions["log"];
  readonly #onForgotten: SharedStateOptions["onForgotten"];
  readonly #id = randomBytes(8).toString("hex");
  #number = 0;
  /** One of these at a time. */
  #memory: MemoryState | undefined;
  #link: HolderLink | undefined;
  readonly #answersNear: boolean;
  #near: NearState | undefined;
  /** While the one that holds the tables does not answer: what was last written of them, changed by this router alone. */
  #alone: MemoryState | undefined;
  /** Durable commands that were done here, and are still to be done where the tables are, by their ids. */
  readonly #owed = new Map<string, OwedCommand>();
  readonly #owedJournal: OwedJournal;
  #held: HeldState | undefined;
  #joining: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(file: string, { log, near = false, onForgotten }: SharedStateOptions) {
    this.#answersNear = near;
    this.#onForgotten = onForgotten;
    this.#file = file;
    this.#log = log;
    this.#owedJournal = new OwedJournal(file, this.#id, log);
  }

  async begin(): Promise<void> {
    await this.#join();
    this.joined = this.#memory === undefined;
  }

  call<Args, Result>(command: StateCommand<Args, Result>, args: Args): Promise<Result> {
    if (this.#memory !== undefined) return this.#memory.call(command, args);
    const near = this.#near?.answer(command.name, args);
    // It says what the command would.
    return near === undefined ? this.#callOther(command, args) : Promise.resolve(near.result as Result);
  }

  async together(): Promise<void> {
    if (this.#near !== undefined) await this.#callOther(listSwitchedOff, {});
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#joining;
    await this.#near?.end();
    this.#link?.close();
    if (this.#owed.size > 0)
      this.#log.warn(
        { count: this.#owed.size },
        "what the last turns cost could not be told to the router that counts it; it is written down beside the state, and counted by the next one that meets it",
      );
    await (this.#held?.close() ?? this.#memory?.close());
  }

  async #callOther<Args, Result>(command: StateCommand<Args, Result>, args: Args): Promise<Result> {
    const id = command.durable === true ? `${this.#id} ${++this.#number}` : undefined;
    for (;;) {
      const own = this.#memory ?? this.#alone;
      if (own !== undefined) {
        if (id !== undefined && own === this.#alone) this.#owe({ id, name: command.name, args });
        return own.run(command, args, id === undefined ? undefined : { owner: this.#id, id });
      }
      this.#near?.flush();
      const answer = await this.#link?.ask(command.name, args, id);
      if (answer?.kind === "answered") {
        this.#near?.learn(command.name, args, answer.result);
        // The one that was asked is of this version: its result is what the command says.
        return answer.result as Result;
      }
      if (answer?.kind === "refused") throw new Error(`${command.name}: ${answer.message}`);
      if (this.#closed) throw new Error(`${command.name}: the state is closed`);
      await this.#joining;
      // Between two that hold the tables this thread is to live on.
      if (this.#link === undefined) await sleep(5);
    }
  }

  /** Finds whoever holds the tables, or takes them. Never rejects. */
  async #join(): Promise<void> {
    let busy = false;
    const lockedOut = (holder: string): SwitchyardError => {
      busy = true;
      return new SwitchyardError("state.unusable", {
        detail: `process ${holder} has been beginning for ${patience / 1_000} s`,
      });
    };
    try {
      const path = socketPath(this.#file);
      if (path === undefined) return await this.#keepToItself("its folder is not this user's alone");
      const found = await this.#find(path);
      if (found === "absent")
        await withLock(`${this.#file}.lock`, patience, () => this.#take(path), lockedOut);
      else this.#follow(found);
    } catch (error) {
      if (busy) this.#goAlone(messageOf(error));
      else await this.#keepToItself(messageOf(error));
    }
  }

  /** One that is about to end is waited for. */
  async #find(path: string): Promise<Exclude<Awaited<ReturnType<typeof HolderLink.to>>, "ended">> {
    for (let tries = 0; ; tries++) {
      const found = await HolderLink.to(path);
      if (found !== "ended") return found;
      if (tries > patience / 50) return "silent";
      await sleep(50);
    }
  }

  async #take(path: string): Promise<void> {
    const found = await this.#find(path);
    if (found !== "absent") return this.#follow(found);
    // A router that was killed left its socket.
    rmSync(path, { force: true });
    this.#held = await HeldState.at(path);
    await this.#hold();
    this.#held.serve(this.#memory!, () => void this.#doWhatIsLeft());
  }

  /** The tables are this router's. */
  async #hold(): Promise<void> {
    const memory = createMemoryState({
      file: this.#file,
      log: this.#log,
      onForgotten: this.#onForgotten,
    });
    const unwritten = memory.unwritten();
    if (unwritten.length > 0 || this.#owed.size > 0) {
      const { commandOf } = await import("./commands.ts");
      memory.redo(unwritten, commandOf);
      for (const { id, name, args } of this.#owed.values()) {
        const command = commandOf(name);
        if (command !== undefined) memory.run(command, args, { owner: this.#id, id });
      }
      this.#owed.clear();
      this.#owedJournal.clear();
    }
    this.#alone = undefined;
    this.#memory = memory;
    await this.#doWhatIsLeft();
  }

  #owe(command: OwedCommand): void {
    this.#owed.set(command.id, command);
    this.#owedJournal.append(command);
  }

  /** Hands in what routers have spent that ended while they counted by themselves. Never rejects. */
  async #doWhatIsLeft(): Promise<void> {
    for (const { commands, remove } of leftOwing(this.#file, this.#id)) {
      const done = await Promise.all(commands.map((command) => this.#hand(command)));
      if (!done.every(Boolean)) return;
      remove();
      this.#log.info(
        { code: "state.handedIn", count: commands.length },
        "what another router had spent before it ended, while it counted by itself, is counted now",
      );
    }
  }

  /** @returns whether it is done, or never will be */
  async #hand({ id, name, args }: OwedCommand): Promise<boolean> {
    const memory = this.#memory;
    if (memory === undefined) {
      const answer = await this.#link?.ask(name, args, id);
      return answer !== undefined && answer.kind !== "lost";
    }
    const { commandOf } = await import("./commands.ts");
    const command = commandOf(name);
    if (command !== undefined) memory.run(command, args, { owner: this.#id, id });
    return true;
  }

  #follow(found: HolderLink | "silent" | "other"): void {
    if (found === "silent") return this.#goAlone("it does not answer");
    if (found === "other") return this.#goAlone("it is of another version");
    if (this.#closed) return found.close();
    if (this.#alone !== undefined)
      this.#log.info({ code: "state.together" }, "what the router remembers is one with the others' again");
    this.#alone = undefined;
    this.#link = found;
    if (this.#answersNear) void this.#watch(found);
    found.whenLost((why) => {
      this.#link = undefined;
      const near = this.#near;
      this.#near = undefined;
      // What its turns have cost is asked of whoever comes next.
      near?.flush();
      if (why === "silent") this.#goAlone("it does not answer");
      else if (!this.#closed) this.#joining = this.#join();
    });
    void this.#payBack();
  }

  async #watch(link: HolderLink): Promise<void> {
    const { NearState: Near } = await import("./near.ts");
    link.watch((rows) => {
      if (this.#link !== link) return;
      if (this.#near === undefined)
        this.#near = new Near(rows, {
          tell: (command, args) => link.tell(command.name, args),
          ask: (command, args) => this.#callOther(command, args),
          log: this.#log,
        });
      else this.#near.changed(rows);
    });
  }

  async #payBack(): Promise<void> {
    await Promise.all(
      [...this.#owed.values()].map(async (command) => {
        if (await this.#hand(command)) this.#owed.delete(command.id);
      }),
    );
    if (this.#owed.size === 0) this.#owedJournal.clear();
    await this.#doWhatIsLeft();
  }

  /** Somebody holds the tables, and cannot be asked: turns must not wait for that. */
  #goAlone(why: string): void {
    if (this.#closed) return;
    if (this.#alone === undefined) {
      this.#log.warn(
        { code: "state.alone", file: this.#file },
        `another router holds what is remembered, and ${why}: until then this one counts by itself`,
      );
      this.#alone = new MemoryState({ log: this.#log }, readSnapshot(this.#file, this.#log));
    }
    this.#timer = setTimeout(() => {
      this.#joining = this.#join();
    }, againAfter).unref();
  }

  /** Nobody can share the tables here: as if this router were the only one. */
  async #keepToItself(why: string): Promise<void> {
    this.#log.warn(
      { code: "state.unshared", file: this.#file },
      `what the router remembers cannot be shared with other routers of the folder: ${why}`,
    );
    await this.#hold();
  }
}
