import { nodeProgram } from "./node-program.ts";

/** The bare program against which start and idle memory are held. */
export const fastifyBare = nodeProgram(
  "fastify-bare",
  "a program of some lines on Fastify and undici that passes bytes: what start and memory are held against",
  "fastify-server.ts",
);
