/**
 * Reads the engine's log format: frames or, of a container with a terminal, bare bytes; each message with its time in front.
 * A message is not a line: one of more than 16 KiB comes in pieces, each with a time of its own, and only the last piece ends in
 * a line end. (Docker's Engine API, "Attach to a container", on frames; measured with 20.10 on pieces.)
 */
import { Buffer } from "node:buffer";

export interface LogLine {
  /** RFC 3339 in UTC with nine digits of a second: the order of the texts is the order of the times. */
  readonly time: string;
  /** Without its line end. */
  readonly text: string;
  /** More stood in the line than is kept. */
  readonly cut?: true;
}

export interface LogReader {
  push(chunk: Buffer): void;
  /** Hands over lines that have no end yet. */
  end(): void;
  /** How many messages were read. */
  readonly messages: number;
}

/** Of a longer line the rest is passed over, in bytes, so that a stream without line ends cannot fill the memory. */
export const longestLine = 1024 * 1024;

/** Bytes of one message, at most, in Docker's logging drivers. */
const longestMessage = 16 * 1024;

const stamp = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d) /;
/** No stamp is longer, its blank included. */
const longestStamp = 36;

/** A time in the one form in which times are compared. Engines write UTC; Podman may write an offset. */
const normalTime = (date: string, fraction: string, zone: string): string => {
  // Offsets are whole minutes: the fraction stays as it is, digits beyond a Date's three included.
  const utc = zone === "Z" ? date : new Date(`${date}${zone}`).toISOString().slice(0, 19);
  return `${utc}.${fraction.padEnd(9, "0")}Z`;
};

/** A time from another clock, such as `2026-11-21T06:33:05.649Z`, in the form of `LogLine.time`; undefined where it is none. */
export const logTime = (text: string): string | undefined => {
  const parts = stamp.exec(`${text} `);
  if (parts === null || Number.isNaN(Date.parse(text))) return undefined;
  return normalTime(parts[1] ?? "", parts[2] ?? "", parts[3] ?? "Z");
};

interface Stamped {
  readonly time: string | undefined;
  readonly rest: Buffer;
}

const takeStamp = (message: Buffer): Stamped => {
  const parts = stamp.exec(message.toString("latin1", 0, longestStamp));
  if (parts === null) return { time: undefined, rest: message };
  return {
    time: normalTime(parts[1] ?? "", parts[2] ?? "", parts[3] ?? "Z"),
    rest: message.subarray(parts[0].length),
  };
};

/** Puts the pieces of lines together: bytes, so that a letter of several bytes may be cut anywhere. */
export class LineJoiner {
  readonly #onLine: (line: LogLine) => void;
  #parts: Buffer[] = [];
  #size = 0;
  #cut = false;
  #time: string | undefined;
  /** Lines without a time of their own have that of the line before. */
  #last = "";

  constructor(onLine: (line: LogLine) => void) {
    this.#onLine = onLine;
  }

  /** Adds a message, which may hold several lines, or a part of one. */
  add(time: string | undefined, bytes: Buffer): void {
    this.#time ??= time ?? this.#last;
    for (let from = 0; from < bytes.length;) {
      const end = bytes.indexOf(10, from);
      this.#keep(bytes.subarray(from, end < 0 ? undefined : end));
      if (end < 0) return;
      this.flush();
      from = end + 1;
      if (from < bytes.length) this.#time = time ?? this.#last;
    }
  }

  flush(): void {
    if (this.#time === undefined) return;
    const text = Buffer.concat(this.#parts).toString("utf8").replace(/\r+$/, "");
    this.#last = this.#time;
    this.#onLine({ time: this.#time, text, ...(this.#cut && { cut: true as const }) });
    this.#parts = [];
    this.#size = 0;
    this.#cut = false;
    this.#time = undefined;
  }

  #keep(piece: Buffer): void {
    const room = longestLine - this.#size;
    if (piece.length > room) this.#cut = true;
    if (room <= 0 || piece.length === 0) return;
    // A copy: what the engine sent may be a large buffer, of which this is a small part.
    const kept = Buffer.from(piece.subarray(0, room));
    this.#parts.push(kept);
    this.#size += kept.length;
  }
}

/** One byte that names the stream, three of nothing, four of length; then the message. */
const headLength = 8;

const framed = (onLine: (line: LogLine) => void): LogReader => {
  // stdout and stderr are lines of their own: a piece of the one may stand between two pieces of the other.
  const joiners = new Map<number, LineJoiner>();
  let pending: Buffer[] = [];
  let have = 0;
  let messages = 0;
  let want = headLength;

  const take = (frame: Buffer): void => {
    const stream = frame[0] ?? 0;
    const joiner = joiners.get(stream) ?? new LineJoiner(onLine);
    joiners.set(stream, joiner);
    const { time, rest } = takeStamp(frame.subarray(headLength));
    messages += 1;
    joiner.add(time, rest);
  };

  return {
    get messages() {
      return messages;
    },
    push: (chunk) => {
      pending.push(chunk);
      have += chunk.length;
      // Joined only when enough is there: a frame in many chunks is copied once.
      while (have >= want) {
        const all = pending.length === 1 ? pending[0]! : Buffer.concat(pending);
        const length = headLength + all.readUInt32BE(4);
        if (all.length < length) {
          pending = [all];
          want = length;
          return;
        }
        take(all.subarray(0, length));
        pending = [all.subarray(length)];
        have -= length;
        want = headLength;
      }
    },
    end: () => joiners.forEach((joiner) => joiner.flush()),
  };
};

/** Of a container with a terminal: no frames, so a message ends at its line end or after the most that a message holds. */
const bare = (onLine: (line: LogLine) => void): LogReader => {
  const joiner = new LineJoiner(onLine);
  let pending = Buffer.alloc(0);
  let messages = 0;

  /** The first message of `pending` with its stamp, or -1 where it is not all there. */
  const messageEnd = (last: boolean): number => {
    const { rest } = takeStamp(pending);
    const head = pending.length - rest.length;
    const end = rest.indexOf(10);
    if (end >= 0 && end < longestMessage) return head + end + 1;
    // It is a piece only where another stamp follows; an engine without such a limit goes on without one.
    const full = rest.length >= longestMessage + longestStamp;
    if (full && takeStamp(rest.subarray(longestMessage)).time !== undefined) return head + longestMessage;
    if (end >= 0 && (full || last)) return head + end + 1;
    if (last || rest.length > longestLine) return pending.length;
    return -1;
  };

  const drain = (last: boolean): void => {
    while (pending.length > 0) {
      const end = messageEnd(last);
      if (end < 0) return;
      const { time, rest } = takeStamp(pending.subarray(0, end));
      messages += 1;
      joiner.add(time, rest);
      pending = pending.subarray(end);
    }
  };

  return {
    get messages() {
      return messages;
    },
    push: (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      drain(false);
    },
    end: () => {
      drain(true);
      joiner.flush();
    },
  };
};

/**
 * @param tty the container has a terminal
 * @param onLine called with each line when it is whole
 */
export const createLogReader = (tty: boolean, onLine: (line: LogLine) => void): LogReader =>
  tty ? bare(onLine) : framed(onLine);
