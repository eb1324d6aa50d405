/** Everything that a provider does wrong. A fault has a call from its request to its end; what it leaves open, the caller must cut. */
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";

export interface Exchange {
  readonly res: ServerResponse;
  readonly socket: Socket;
  /** The client of the provider wants a stream. */
  readonly stream: boolean;
  /** The answer that a sound provider would send. */
  readonly bytes: Buffer;
  /** Offsets behind each event of it; none in a whole answer. */
  readonly events: readonly number[];
  readonly random: () => number;
  /** The event at which it happens, where a test wants one. */
  readonly at: number | undefined;
  /** An error in the form of this API, as a body. */
  readonly errorBody: (status: number, message: string) => string;
  /** The same as an event of its stream. */
  readonly errorEvent: (message: string) => string;
}

export interface Fault {
  /** The whole answer went out for all that: the turn has nothing to fail by. */
  readonly sound?: true;
  /** Nothing of the answer is ever sent: a client can have seen nothing. */
  readonly early?: true;
  readonly only?: "stream" | "whole";
  /** Takes as long as the caller waits: chosen less often. */
  readonly slow?: true;
  /** Never by chance. */
  readonly ordered?: true;
  readonly play: (exchange: Exchange) => void | Promise<void>;
}

const typeOf = ({ stream }: Exchange): string => (stream ? "text/event-stream" : "application/json");

const writeHead = (x: Exchange, headers: Record<string, string> = {}): void => {
  x.res.writeHead(200, { "content-type": typeOf(x), ...headers });
  x.res.flushHeaders();
};

/** The head in raw bytes, where Node would not let us lie. */
const rawHead = (x: Exchange, ...headers: string[]): string =>
  ["HTTP/1.1 200 OK", `content-type: ${typeOf(x)}`, ...headers, "", ""].join("\r\n");

const refuse =
  (status: number, headers: Record<string, string> = {}) =>
  (x: Exchange): void => {
    x.res.writeHead(status, { "content-type": "application/json", ...headers });
    x.res.end(x.errorBody(status, `chaos ${status}`));
  };

const page =
  (status: number) =>
  (x: Exchange): void => {
    x.res.writeHead(status, { "content-type": "text/html" });
    x.res.end(
      "<!doctype html><html><head><title>Bad gateway</title></head><body><h1>It is not here</h1></body></html>",
    );
  };

/** Somewhere inside of the answer. */
const inside = ({ bytes, random }: Exchange): number => 1 + Math.floor(random() * (bytes.length - 1));

/** Behind an event: the one that was asked for, else any; before the last one, which ends the answer. */
const behindEvent = (x: Exchange): number => {
  const { events } = x;
  if (events.length === 0) return inside(x);
  const last = Math.max(0, events.length - 2);
  return events[x.at ?? Math.floor(x.random() * (last + 1))] ?? events[last]!;
};

/** In pieces of any size, each in a packet of its own as far as that can be had. */
export const writeCut = async (x: Exchange, bytes: Buffer, longest = 120): Promise<void> => {
  for (let at = 0; at < bytes.length && !x.res.destroyed;) {
    const size = 1 + Math.floor(x.random() * longest);
    x.res.write(bytes.subarray(at, at + size));
    at += size;
    await nextTurn();
  }
};

const part =
  (until: (x: Exchange) => number, then: (x: Exchange) => void) =>
  async (x: Exchange): Promise<void> => {
    writeHead(x);
    await writeCut(x, x.bytes.subarray(0, until(x)));
    // What was written leaves first.
    await sleep(2);
    then(x);
  };

const reset = ({ socket }: Exchange): void => void socket.resetAndDestroy();
const close = ({ socket }: Exchange): void => void socket.end();
const end = ({ res }: Exchange): void => void res.end();
const stall = (): void => undefined;

const halfCharacter = (x: Exchange): number => {
  const at = x.bytes.findIndex((byte, i) => i > x.bytes.length / 3 && byte >= 0xc0);
  return at === -1 ? inside(x) : at + 1;
};
const halfEvent = (x: Exchange): number => Math.max(1, behindEvent(x) - 7);
const firstHalf = ({ events, bytes }: Exchange): number => Math.floor((events[0] ?? bytes.length) / 2);

/** Connections that are reset by the next request over them. */
export const doomed = new WeakSet<Socket>();

const writeRaw = (x: Exchange, bytes: string | Buffer): void => void x.socket.write(bytes);

export const faults: Readonly<Record<string, Fault>> = {
  resetBeforeHead: { early: true, play: reset },
  closeBeforeHead: { early: true, play: close },
  stallBeforeHead: { early: true, slow: true, play: stall },
  halfHead: { early: true, play: (x) => (writeRaw(x, "HTTP/1.1 200 OK\r\ncontent-ty"), close(x)) },
  notHttp: { early: true, play: (x) => (writeRaw(x, "220 mail.example ESMTP\r\n\r\n"), close(x)) },
  rateLimited: { early: true, play: refuse(429, { "retry-after": "0.1" }) },
  rateLimitedInMs: { early: true, play: refuse(429, { "retry-after-ms": "80" }) },
  serverError: { early: true, play: refuse(500) },
  unavailable: { early: true, play: refuse(503) },
  overloaded: { early: true, play: refuse(529) },
  page: { early: true, play: page(502) },
  pageAs200: { early: true, play: page(200) },
  emptyAnswer: { early: true, play: (x) => (writeHead(x), end(x)) },
  errorIn200: {
    early: true,
    play: (x) => (
      writeHead(x),
      x.res.end(x.stream ? x.errorEvent("chaos inside") : x.errorBody(200, "chaos inside")),
      undefined
    ),
  },
  resetAfterHead: { early: true, play: part(() => 0, reset) },
  stallAfterHead: { early: true, slow: true, play: part(() => 0, stall) },
  halfFirstEvent: { early: true, play: part(firstHalf, end) },
  resetInside: { play: part(inside, reset) },
  closeInside: { play: part(inside, close) },
  endInside: { play: part((x) => Math.min(inside(x), behindEvent(x)), end) },
  halfEvent: { only: "stream", play: part(halfEvent, end) },
  halfCharacter: { play: part(halfCharacter, close) },
  resetAtEvent: { only: "stream", play: part(behindEvent, reset) },
  endAtEvent: { only: "stream", play: part(behindEvent, end) },
  stallInside: { slow: true, play: part(behindEvent, stall) },
  errorAtEvent: {
    only: "stream",
    play: part(behindEvent, (x) => void x.res.end(x.errorEvent("chaos in the middle"))),
  },
  lengthTooShort: {
    play: (x) => {
      const length = Math.max(1, Math.floor(x.bytes.length / 2));
      writeRaw(x, rawHead(x, `content-length: ${length}`));
      writeRaw(x, x.bytes);
      close(x);
    },
  },
  lengthTooLong: {
    play: (x) => {
      const given = Math.min(inside(x), behindEvent(x));
      writeRaw(x, rawHead(x, `content-length: ${x.bytes.length + 100}`));
      writeRaw(x, x.bytes.subarray(0, given));
      close(x);
    },
  },
  garbageChunks: {
    play: (x) => {
      const given = x.bytes.subarray(0, Math.min(inside(x), behindEvent(x)));
      writeRaw(x, rawHead(x, "transfer-encoding: chunked"));
      writeRaw(x, `${given.length.toString(16)}\r\n`);
      writeRaw(x, given);
      writeRaw(x, "\r\nnot a length\r\n\r\n");
      close(x);
    },
  },
  byteByByte: {
    sound: true,
    play: async (x) => {
      writeHead(x);
      await writeCut(x, x.bytes, 1);
      end(x);
    },
  },
  /** Takes a second and a half, in twenty parts. Only by order. */
  slowly: {
    sound: true,
    ordered: true,
    play: async (x) => {
      writeHead(x);
      const size = Math.ceil(x.bytes.length / 20);
      for (let at = 0; at < x.bytes.length && !x.res.destroyed; at += size) {
        x.res.write(x.bytes.subarray(at, at + size));
        await sleep(75);
      }
      end(x);
    },
  },
  /** Says that the connection stays, and resets it just when the next request is on its way. */
  dropKept: {
    sound: true,
    play: async (x) => {
      writeHead(x);
      await writeCut(x, x.bytes);
      doomed.add(x.socket);
      end(x);
    },
  },
};

/** A fault by chance, fit for what was asked. @param early only those that show nothing of an answer, or happen at an event that can be chosen */
export const faultByChance = (random: () => number, stream: boolean, early = false): string => {
  const fit = Object.entries(faults).filter(
    ([name, fault]) =>
      (fault.only === undefined || fault.only === (stream ? "stream" : "whole")) &&
      fault.ordered !== true &&
      (!early || fault.early === true || name.endsWith("AtEvent")) &&
      (fault.slow !== true || random() < 0.25),
  );
  return fit[Math.floor(random() * fit.length)]![0];
};
