/** The side of a router that asks the one which holds the tables. */
import { createConnection, type Socket } from "node:net";
import { systemCodeOf } from "../../shared/errors.ts";
import { versionOfRouter } from "../version.ts";
import { onLines, say } from "./lines.ts";
import type { MirroredRow } from "./mirror.ts";

/** Between two looks for what is not answered, in milliseconds; and after how many of them the other is taken for stopped. */
const lookEvery = 500;
const mostLooks = 20;
/** How long to wait for the first word of the one that holds the tables, in milliseconds. */
const begins = 5_000;

/** `lost`: nobody knows whether it was done. */
export type Answer =
  | { readonly kind: "answered"; readonly result: unknown }
  | { readonly kind: "refused"; readonly message: string }
  | { readonly kind: "lost" };

/** Why there is nobody to ask any more. */
type Lost = "ended" | "silent";

/** `absent`: nobody holds the tables. `ended`: somebody just ended. `silent`, `other`: somebody holds them who does not answer, or is of another version. */
export type Found = HolderLink | "absent" | "ended" | "silent" | "other";

export class HolderLink {
  readonly #socket: Socket;
  readonly #asked = new Map<number, (answer: Answer) => void>();
  readonly #timer: NodeJS.Timeout;
  /** Without an answer, while one is waited for. */
  #looks = 0;
  #number = 0;
  #onLost: (why: Lost) => void = () => undefined;
  #onMirror: (rows: readonly MirroredRow[]) => void = () => undefined;
  #lost: Lost | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#timer = setInterval(() => this.#look(), lookEvery).unref();
    socket.once("close", () => this.#lose("ended"));
  }

  /** @throws the system's error where the place cannot be used at all */
  static to(path: string): Promise<Found> {
    return new Promise((resolve, reject) => {
      const socket = createConnection(path);
      let link: HolderLink | undefined;
      const give = (found: Found): void => {
        clearTimeout(late);
        if (typeof found === "string") socket.destroy();
        resolve(found);
      };
      const late = setTimeout(() => give("silent"), begins);
      socket.once("error", (error) => {
        const code = systemCodeOf(error);
        if (code === "ENOENT" || code === "ECONNREFUSED") return give("absent");
        if (code === "ECONNRESET" || code === "EPIPE") return give("ended");
        clearTimeout(late);
        reject(error);
      });
      socket.on("error", () => socket.destroy());
      socket.once("close", () => give("ended"));
      onLines(socket, (line) => {
        if (link !== undefined) return link.#answered(line);
        if (line["version"] !== versionOfRouter()) return give("other");
        link = new HolderLink(socket);
        // The process is held up by its own listener, and before it listens by what it asks.
        socket.unref();
        give(link);
      });
    });
  }

  /** Never rejects. @param id of a command that is to be done once, however often it is sent */
  ask(name: string, args: unknown, id: string | undefined): Promise<Answer> {
    return new Promise((tell) => {
      if (this.#lost !== undefined) return tell({ kind: "lost" });
      const number = ++this.#number;
      if (this.#asked.size === 0) this.#socket.ref();
      this.#asked.set(number, tell);
      say(this.#socket, { number, name, args, id });
    });
  }

  /** Says something that is not answered. */
  tell(name: string, args: unknown): void {
    say(this.#socket, { name, args });
  }

  /** @param tell told of some tables as they are, and then of what changes in them */
  watch(tell: (rows: readonly MirroredRow[]) => void): void {
    this.#onMirror = tell;
    say(this.#socket, { watch: true });
  }

  /** @param tell told once, before those who wait for an answer */
  whenLost(tell: (why: Lost) => void): void {
    this.#onLost = tell;
    if (this.#lost !== undefined) tell(this.#lost);
  }

  close(): void {
    this.#onLost = () => undefined;
    this.#socket.end();
    this.#lose("ended");
  }

  #answered({ number, result, error, mirror }: Readonly<Record<string, unknown>>): void {
    this.#looks = 0;
    // The other one is of this version: these are rows.
    if (Array.isArray(mirror)) return this.#onMirror(mirror as MirroredRow[]);
    const tell = this.#asked.get(Number(number));
    this.#asked.delete(Number(number));
    if (this.#asked.size === 0) this.#socket.unref();
    tell?.(typeof error === "string" ? { kind: "refused", message: error } : { kind: "answered", result });
  }

  /** Looks are counted, not the clock: where this process was stopped itself, the answer is there when it goes on. A busy one answers late, and answers. */
  #look(): void {
    if (this.#asked.size === 0) this.#looks = 0;
    else if (++this.#looks >= mostLooks) this.#lose("silent");
  }

  #lose(why: Lost): void {
    if (this.#lost !== undefined) return;
    this.#lost = why;
    clearInterval(this.#timer);
    if (why === "silent") this.#socket.destroy();
    this.#onLost(why);
    for (const tell of this.#asked.values()) tell({ kind: "lost" });
    this.#asked.clear();
  }
}
