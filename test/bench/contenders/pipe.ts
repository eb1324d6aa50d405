import { nodeProgram } from "./node-program.ts";

/** Bytes in, bytes out: the least that a proxy on Node can cost. */
export const pipe = nodeProgram(
  "pipe",
  "node:http and undici passing bytes, nothing else (the floor)",
  "pipe-server.ts",
);

/** The same, with the body read as JSON: what a turn of a session costs at least where its model is to be known. No contender of the arena. */
export const parsingPipe = nodeProgram(
  "pipe-parsing",
  "the pipe, with JSON.parse of the body",
  "pipe-server.ts",
  ["parse"],
);

/** One process and two that share nothing but the port: what the machine itself asks for the second. */
export const pipesByWorkers = [
  pipe,
  nodeProgram("pipe-2w", "two such processes at one port", "pipe-server.ts", ["2"]),
];
