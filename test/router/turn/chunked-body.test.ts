import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ChunkedBody } from "../../../src/router/turn/chunked-body.ts";

type Part = string | Buffer;

describe("the body of a streamed answer", () => {
  let server: Server;
  let parts: readonly Part[] = [];
  /** Behind them, with the end. */
  let last: readonly Part[] = [];
  /** Each part in a turn of the event loop of its own, or all in one. */
  let apart = false;
  let origin = "";

  beforeEach(() => void (last = []));
  beforeAll(async () => {
    server = createServer((_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      const body = new ChunkedBody(response);
      void (async () => {
        for (const part of parts) {
          body.write(part);
          if (apart) await new Promise((resolve) => setImmediate(resolve));
        }
        for (const part of last) body.writeLast(part);
        body.end();
      })();
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const part = fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }).map((each) => each.toWellFormed()),
    fc.string({ unit: "grapheme-ascii", maxLength: 40 }),
    fc.uint8Array({ maxLength: 40 }).map((each) => Buffer.from(each)),
    fc.constant(Buffer.alloc(20_000, "x")),
    fc.constant("é".repeat(20_000)),
    fc.constant(Buffer.alloc(100_000, "y")),
  );

  it("reaches the client whole, whatever its parts are and however they are written", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { maxLength: 8 }),
        fc.array(part, { maxLength: 3 }),
        fc.boolean(),
        async (some, atEnd, eachAlone) => {
          [parts, last, apart] = [some, atEnd, eachAlone];
          const answer = await fetch(origin);
          const got = Buffer.from(await answer.arrayBuffer());
          const whole = [...some, ...atEnd].map((each) => Buffer.from(each as string));
          expect(got.equals(Buffer.concat(whole))).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  /** Asks on a bare socket. @returns all that comes until the server closes it */
  const asked = async (request: string): Promise<string> => {
    const socket = connect(Number(new URL(origin).port), "127.0.0.1");
    socket.write(request);
    return text(socket);
  };

  it("is one chunk a part, and ends as HTTP/1.1 says", async () => {
    [parts, apart] = [["one", Buffer.from("two"), "é"], true];
    const answer = await asked("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    const [head, body] = answer.split(/\r\n\r\n(.*)/s) as [string, string];
    expect(head.toLowerCase()).toContain("transfer-encoding: chunked");
    expect(body).toBe("3\r\none\r\n3\r\ntwo\r\n2\r\né\r\n0\r\n\r\n");
  });

  it("leaves its connection good for the next request", async () => {
    [parts, apart] = [["again"], false];
    const request = "GET / HTTP/1.1\r\nhost: a\r\n";
    const answers = await asked(`${request}\r\n${request}connection: close\r\n\r\n`);
    expect(answers.match(/5\r\nagain\r\n0\r\n\r\n/g)).toHaveLength(2);
  });

  it("has no frames for a client of HTTP/1.0", async () => {
    [parts, apart] = [["one", Buffer.from("two")], true];
    const answer = await asked("GET / HTTP/1.0\r\n\r\n");
    expect(answer.slice(answer.indexOf("\r\n\r\n") + 4)).toBe("onetwo");
  });
});
