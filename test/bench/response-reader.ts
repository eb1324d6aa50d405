/** Reads HTTP/1.1 answers from a socket, one after the other, with as little work as measuring allows. */

const headEnd = Buffer.from("\r\n\r\n");

export interface ReaderEvents {
  /** A part of the body (ASCII), as it arrives. */
  onBody(text: string): void;
  /** The answer is complete; the connection can be used again when `keepAlive`. */
  onEnd(status: number, keepAlive: boolean): void;
}

export class ResponseReader {
  readonly #events: ReaderEvents;
  #head: Buffer | undefined;
  #inBody = false;
  #status = 0;
  #keepAlive = true;
  /** Bytes of the body or of the chunk that are still to come; Infinity: until the connection closes. */
  #left = 0;
  #chunked = false;
  /** The line of a chunk's size as far as it came; undefined inside a chunk. */
  #sizeLine: string | undefined;
  /** Bytes of line ends and trailers still to be passed over. */
  #last = false;

  constructor(events: ReaderEvents) {
    this.#events = events;
  }

  push(data: Buffer): void {
    let at = 0;
    if (!this.#inBody) {
      const all = this.#head === undefined ? data : Buffer.concat([this.#head, data]);
      const end = all.indexOf(headEnd);
      if (end === -1) {
        this.#head = all;
        return;
      }
      this.#head = undefined;
      this.#readHead(all.toString("latin1", 0, end));
      data = all;
      at = end + 4;
    }
    if (this.#chunked) this.#readChunks(data, at);
    else this.#readPlain(data, at);
  }

  /** The connection closed. @returns whether that was the end of an answer */
  close(): boolean {
    if (!this.#inBody || this.#left !== Infinity) return false;
    this.#end();
    return true;
  }

  #readHead(head: string): void {
    this.#inBody = true;
    this.#status = Number(head.slice(9, 12));
    this.#keepAlive = !/\r\nconnection: *close/i.test(head);
    this.#chunked = /\r\ntransfer-encoding: *chunked/i.test(head);
    if (this.#chunked) {
      this.#sizeLine = "";
      this.#last = false;
      return;
    }
    const length = /\r\ncontent-length: *(\d+)/i.exec(head);
    this.#left = length === null ? Infinity : Number(length[1]);
  }

  #readPlain(data: Buffer, at: number): void {
    if (at < data.length) this.#events.onBody(data.toString("latin1", at));
    this.#left -= data.length - at;
    if (this.#left <= 0) this.#end();
  }

  #readChunks(data: Buffer, at: number): void {
    while (at < data.length) {
      if (this.#sizeLine === undefined) {
        const to = Math.min(data.length, at + this.#left);
        this.#events.onBody(data.toString("latin1", at, to));
        this.#left -= to - at;
        at = to;
        if (this.#left === 0) this.#sizeLine = "";
        continue;
      }
      const lineEnd = data.indexOf(10, at);
      if (lineEnd === -1) {
        this.#sizeLine += data.toString("latin1", at);
        return;
      }
      const line = (this.#sizeLine + data.toString("latin1", at, lineEnd)).trim();
      at = lineEnd + 1;
      this.#sizeLine = "";
      if (line === "") {
        // The end of a chunk's own line, or of the trailers after the last one.
        if (this.#last) return this.#end();
        continue;
      }
      if (this.#last) continue;
      this.#left = Number.parseInt(line, 16);
      if (this.#left === 0) this.#last = true;
      else this.#sizeLine = undefined;
    }
    return undefined;
  }

  #end(): void {
    this.#inBody = false;
    this.#chunked = false;
    this.#left = 0;
    this.#events.onEnd(this.#status, this.#keepAlive);
  }
}
