import { nodeProgram } from "./node-program.ts";

/** Bytes in, bytes out: the least that a proxy on Node can cost. */
export const pipe = nodeProgram(
  "pipe",
  "node:http and undici passing bytes, nothing else (the floor)",
  "pipe-server.ts",
);
