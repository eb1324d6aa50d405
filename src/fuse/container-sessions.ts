/**
 * Who is in the container: each shell holds one connection to the supervisor's socket for as long as it lives, so that a shell
 * that is killed is missed as surely as one that ends.
 */
import { createServer, type Socket } from "node:net";

/** What a visitor says of itself, one line. `reserve` comes ahead of a shell, whose `enter` takes the place that was kept. */
export type Greeting =
  | "reserve"
  | "enter"
  /** Only asks: it keeps no place, and the container does not wait for it. */
  | "visit";

/** What a visitor is told while the backend starts, as one line of JSON. */
export interface Waiting {
  readonly waiting: string;
}

/** What a visitor is told when the backend is ready, as one line of JSON. */
export type Welcome =
  | {
      readonly ready: true;
      /** The backend's address inside the container. */
      readonly baseUrl: string;
      readonly passthrough: boolean;
      readonly key: string;
      readonly proxy: Readonly<Record<string, string>>;
      readonly caFile?: string;
    }
  | { readonly ready: false; readonly problem: string };

export interface Sessions {
  /** Listens at `path`. */
  listen(path: string): Promise<void>;
  /** Tells every visitor that waits how it goes. */
  waiting(line: string): void;
  /** Tells every visitor that waits, and each that comes later. */
  announce(welcome: Welcome): void;
  /** Passes a line of the backend's log to the shells that are open: they say what their user should hear of. */
  log(line: string): void;
  /** Settles when the last shell has left, or when none came in time, the first or one for which a place was kept. */
  readonly over: Promise<"left" | "nobody">;
  close(): void;
}

/**
 * @param patience how long to wait for a first visitor, in milliseconds
 * @param keep how long, as long by default, a place is kept once whoever reserved it has heard that all is ready, and left; in milliseconds
 */
export const createSessions = (patience: number, keep = patience): Sessions => {
  const open = new Set<Socket>();
  /** Those who have said what they come for: nobody is told anything before. */
  const greeted = new Set<Socket>();
  /** Those whose place no shell has taken yet. */
  const reserving = new Set<Socket>();
  const kept: NodeJS.Timeout[] = [];
  let welcome: Welcome | undefined;
  const { promise: over, resolve: end } = Promise.withResolvers<"left" | "nobody">();
  const nobody = setTimeout(() => end("nobody"), patience);

  const endIfEmpty = (why: "left" | "nobody"): void => {
    if (open.size === 0 && kept.length === 0) end(why);
  };
  const keepPlace = (): void => {
    const timer = setTimeout(() => {
      kept.splice(kept.indexOf(timer), 1);
      endIfEmpty("nobody");
    }, keep);
    kept.push(timer);
  };
  const takePlace = (): void => {
    if (kept.length > 0) return clearTimeout(kept.shift());
    // Whoever reserved it has heard the welcome, and its leaving is still on its way.
    const [leaving] = reserving;
    if (leaving !== undefined && welcome !== undefined) reserving.delete(leaving);
  };
  const tell = (socket: Socket): void => {
    if (welcome !== undefined) socket.write(`${JSON.stringify(welcome)}\n`);
  };
  const take = (socket: Socket, greeting: string): void => {
    if (greeting === "visit") open.delete(socket);
    else clearTimeout(nobody);
    if (greeting === "reserve") reserving.add(socket);
    else if (greeting === "enter") takePlace();
    greeted.add(socket);
    tell(socket);
  };
  const server = createServer((socket) => {
    open.add(socket);
    // The line is written at once and is far shorter than a packet: it comes whole.
    socket.setEncoding("utf8").once("data", (text: string) => take(socket, text.trim()));
    socket.resume();
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      // Its place begins now, not when it came: a backend may take minutes to start. Who left before has given up.
      if (reserving.delete(socket) && welcome !== undefined && server.listening) keepPlace();
      greeted.delete(socket);
      if (open.delete(socket)) endIfEmpty("left");
    });
  });

  return {
    listen: (path) =>
      new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen(path, resolve);
      }),
    waiting: (line) => {
      const word: Waiting = { waiting: line };
      for (const socket of greeted) socket.write(`${JSON.stringify(word)}\n`);
    },
    announce: (said) => {
      welcome = said;
      for (const socket of greeted) tell(socket);
    },
    log: (line) => {
      if (welcome !== undefined) for (const socket of greeted) socket.write(`${line}\n`);
    },
    over,
    close: () => {
      clearTimeout(nobody);
      for (const timer of kept) clearTimeout(timer);
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
};
