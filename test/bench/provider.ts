/**
 * The loopback provider, a process of its own: answers in the Anthropic or the OpenAI Chat form at once, from bytes made
 * beforehand. On bare sockets, so that it costs as little as it can beside what is measured. Sends its port to its parent.
 *
 * A stream is sent an event at a time, each a chunk and a write of its own, one a turn of the event loop.
 */
import { createServer, type AddressInfo, type Socket } from "node:net";
import { jsonAnswer, streamPieces, wholeAnswer, type Form } from "./answers.ts";
import { lastMessageMark } from "./bodies.ts";

const streams: Readonly<Record<Form, Buffer[]>> = {
  anthropic: streamPieces("anthropic"),
  chat: streamPieces("chat"),
};
const wholes: Readonly<Record<Form, Buffer>> = {
  anthropic: wholeAnswer("anthropic"),
  chat: wholeAnswer("chat"),
};
const refusal = jsonAnswer(
  400,
  `{"error":{"type":"invalid_request_error","message":"the last message is not there"}}`,
);
const idle = jsonAnswer(200, `{"data":[]}`);

const headEnd = Buffer.from("\r\n\r\n");
const lastChunk = Buffer.from("\r\n0\r\n\r\n");
const streamFlag = Buffer.from(`"stream":true`);
const mark = Buffer.from(lastMessageMark);

const answer = (socket: Socket, head: string, body: Buffer): void => {
  if (!head.startsWith("POST ")) return void socket.write(idle);
  const form: Form = head.slice(0, 80).includes("/chat/completions") ? "chat" : "anthropic";
  if (!body.includes(mark)) return void socket.write(refusal);
  if (!body.includes(streamFlag)) return void socket.write(wholes[form]);
  const pieces = streams[form];
  let next = 0;
  const step = (): void => {
    if (socket.destroyed) return;
    socket.write(pieces[next++]!);
    if (next < pieces.length) setImmediate(step);
  };
  step();
  return undefined;
};

/** One request at a time a connection, bodies with a length or chunked; all that a proxy sends. */
const serve = (socket: Socket): void => {
  socket.setNoDelay(true);
  let parts: Buffer[] = [];
  let have = 0;
  /** Of head and body together; undefined while not known. */
  let need: number | undefined;
  let head = "";
  let bodyAt = 0;
  let chunked = false;
  socket.on("error", () => socket.destroy());
  socket.on("data", (data: Buffer) => {
    parts.push(data);
    have += data.length;
    if (head === "") {
      const all = parts.length === 1 ? data : Buffer.concat(parts);
      parts = [all];
      const at = all.indexOf(headEnd);
      if (at === -1) return;
      head = all.toString("latin1", 0, at);
      bodyAt = at + 4;
      const length = /\r\ncontent-length: *(\d+)/i.exec(head);
      chunked = length === null && /\r\ntransfer-encoding: *chunked/i.test(head);
      if (!chunked) need = bodyAt + Number(length?.[1] ?? 0);
    }
    if (chunked) {
      const tail = parts.length === 1 ? parts[0]! : Buffer.concat(parts.slice(-2));
      if (tail.subarray(-lastChunk.length).equals(lastChunk)) need = have;
    }
    if (need === undefined || have < need) return;
    const all = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    const request = head;
    parts = [];
    have = 0;
    need = undefined;
    head = "";
    answer(socket, request, all.subarray(bodyAt));
  });
};

const server = createServer(serve);
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.once("disconnect", () => process.exit());
