/**
 * The loopback provider, a process of its own: answers in Anthropic's, OpenAI Chat's or Gemini's form, from bytes made
 * beforehand. On bare sockets, so that it costs as little as it can beside what is measured. Sends its port to its parent.
 *
 * A stream is sent an event at a time, each a chunk and a write of its own, one a turn of the event loop; or as the name of
 * an answer says that stands behind the mark in the last message.
 */
import { createServer, type AddressInfo, type Socket } from "node:net";
import { answerNames, forms, jsonAnswer, paceOf, streamPieces, wholeAnswer } from "./answers.ts";
import type { AnswerName, Form } from "./answers.ts";
import { lastMessageMark } from "./bodies.ts";

const streams = new Map(
  forms.flatMap((form) => answerNames.map((name) => [`${form} ${name}`, streamPieces(form, name)] as const)),
);
const wholes = new Map(forms.map((form) => [form, wholeAnswer(form)]));
const refusal = jsonAnswer(
  400,
  `{"error":{"type":"invalid_request_error","message":"the last message is not there"}}`,
);
const idle = jsonAnswer(200, `{"data":[]}`);

const headEnd = Buffer.from("\r\n\r\n");
const lastChunk = Buffer.from("\r\n0\r\n\r\n");
// With and without a space: JSON as Python writes it, and as others do.
const streamFlags = [Buffer.from(`"stream":true`), Buffer.from(`"stream": true`)];
const mark = Buffer.from(`${lastMessageMark} `);

const formOf = (line: string): Form => {
  if (line.includes("/chat/completions")) return "chat";
  return line.includes("enerateContent") ? "gemini" : "anthropic";
};

/** The word behind the mark; undefined where the last message is not there. */
const answerNameOf = (body: Buffer): AnswerName | undefined => {
  const at = body.lastIndexOf(mark);
  if (at === -1) return undefined;
  const word = body.toString("latin1", at + mark.length, at + mark.length + 5);
  return answerNames.find((name) => word.startsWith(name));
};

const answer = (socket: Socket, head: string, body: Buffer): void => {
  if (!head.startsWith("POST ")) return void socket.write(idle);
  const line = head.slice(0, head.indexOf("\r\n"));
  const form = formOf(line);
  const name = answerNameOf(body);
  if (name === undefined) return void socket.write(refusal);
  const streamed =
    form === "gemini"
      ? line.includes("streamGenerateContent")
      : streamFlags.some((flag) => body.includes(flag));
  if (!streamed) return void socket.write(wholes.get(form)!);
  const pieces = streams.get(`${form} ${name}`)!;
  const pace = paceOf[name];
  let next = 0;
  const step = (): void => {
    if (socket.destroyed) return;
    socket.write(pieces[next++]!);
    if (next === pieces.length) return;
    if (pace === 0) setImmediate(step);
    else setTimeout(step, pace);
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
server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () =>
  process.send?.({ port: (server.address() as AddressInfo).port }),
);
process.once("disconnect", () => process.exit());
