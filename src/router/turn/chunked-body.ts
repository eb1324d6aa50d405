/**
 * The body of a streamed answer in HTTP/1.1's chunked form (RFC 9112, 7.1), framed here: Node gives each chunk to the socket in four pieces, which cost
 * a `writev` and its bookkeeping; framed before, it is one piece and one `write`. Measured: see docs/speed.md.
 */
import type { ServerResponse } from "node:http";

/** Larger ones are not copied for their frame's sake. Bytes. */
const largestCopied = 16 * 1024;
const lineEnd = "\r\n";
const lastChunk = "0\r\n\r\n";
const lastChunkBytes = Buffer.from(lastChunk);

const hexDigits = Buffer.from("0123456789abcdef");

/** Byte by byte: for so few a call of the buffer's own methods costs more. */
const framedBytes = (part: Buffer): Buffer => {
  const { length } = part;
  let digits = 1;
  for (let rest = length >> 4; rest > 0; rest >>= 4) digits++;
  const framed = Buffer.allocUnsafe(digits + 2 + length + 2);
  for (let at = digits - 1, rest = length; at >= 0; at--, rest >>= 4) framed[at] = hexDigits[rest & 15]!;
  framed[digits] = 13;
  framed[digits + 1] = 10;
  framed.set(part, digits + 2);
  framed[digits + 2 + length] = 13;
  framed[digits + 3 + length] = 10;
  return framed;
};

export class ChunkedBody {
  readonly #res: ServerResponse;
  /** Undefined until the head was written: Node decides whether the body is chunked (for HTTP/1.0 it is not). */
  #framed: boolean | undefined;
  /** The head was given to the socket, or lies before what waits for it. */
  #begun = false;
  /** Frames that wait for the end. */
  readonly #held: Buffer[] = [];

  constructor(res: ServerResponse) {
    this.#res = res;
  }

  /** The head must have been written. @returns false: wait for `drain` */
  write(part: string | Buffer): boolean {
    const res = this.#res;
    if (!this.#isFramed() || part.length === 0) return res.write(part);
    return typeof part === "string" ? this.#writeText(part) : this.#writeBytes(part);
  }

  /** As `write`, of a part behind which the end comes in the same tick: it waits for it, and both are one `write`. */
  writeLast(part: string | Buffer): boolean {
    const bytes = typeof part === "string" ? Buffer.from(part) : part;
    const first = this.#held.length === 0;
    if (!this.#isFramed() || bytes.length === 0 || (first && bytes.length > largestCopied))
      return this.write(bytes);
    this.#held.push(framedBytes(bytes));
    return true;
  }

  end(): void {
    if (!this.#isFramed()) this.#res.end();
    else if (this.#held.length === 0) this.#res.end(lastChunk, "latin1");
    else this.#res.end(Buffer.concat([...this.#held, lastChunkBytes]));
  }

  #isFramed(): boolean {
    if (this.#framed === undefined) {
      this.#framed = this.#res.headersSent && this.#res.chunkedEncoding;
      if (this.#framed) this.#res.chunkedEncoding = false;
    }
    return this.#framed;
  }

  #writeText(part: string): boolean {
    const length = Buffer.byteLength(part);
    // ASCII alone is written as it lies in memory.
    const encoding = length === part.length ? "latin1" : "utf8";
    const framed = length.toString(16) + lineEnd + part + lineEnd;
    return this.#send(framed, encoding, length <= largestCopied);
  }

  #writeBytes(part: Buffer): boolean {
    const res = this.#res;
    const { length } = part;
    if (length > largestCopied) {
      // Node writes them together.
      this.#begun = true;
      res.write(length.toString(16) + lineEnd, "latin1");
      res.write(part);
      return res.write(lineEnd, "latin1");
    }
    return this.#send(framedBytes(part), undefined, true);
  }

  /**
   * To the socket itself where the head has gone, all that was written before has gone too, and the part is small: so nothing can have to wait, and no
   * `drain` is owed. Node's answer would hold it until the end of the tick, to join what else may come; here what comes in a tick is one part already.
   */
  #send(framed: string | Buffer, encoding: "latin1" | "utf8" | undefined, small: boolean): boolean {
    const res = this.#res;
    const { socket } = res;
    if (
      small &&
      this.#begun &&
      socket?.writable === true &&
      socket.writableLength === 0 &&
      socket.writableCorked === 0
    )
      return encoding === undefined ? socket.write(framed) : socket.write(framed, encoding);
    this.#begun = true;
    return encoding === undefined ? res.write(framed) : res.write(framed, encoding);
  }
}
