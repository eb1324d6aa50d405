import { join } from "node:path";
import type { Contender } from "./contender.ts";

/** The bare program against which start and idle memory are held. */
export const fastifyBare: Contender = {
  name: "fastify-bare",
  about:
    "a program of some lines on Fastify and undici that passes bytes: what start and memory are held against",
  forms: ["chat", "gemini", "anthropic"],
  launch: async ({ port, providerPort, dir }) => ({
    file: process.execPath,
    args: [join(import.meta.dirname, "fastify-server.ts"), String(port), String(providerPort)],
    env: { HOME: dir },
    cwd: dir,
  }),
  readyPath: "/",
  requestPath: () => "/v1/messages?beta=true",
  clientForm: () => "anthropic",
};
