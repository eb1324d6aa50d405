import { join } from "node:path";
import type { Contender } from "./contender.ts";

/** Bytes in, bytes out: the least that a proxy on Node can cost. */
export const pipe: Contender = {
  name: "pipe",
  about: "node:http and undici passing bytes, nothing else (the floor)",
  forms: ["chat", "gemini", "anthropic"],
  launch: async ({ port, providerPort, dir }) => ({
    file: process.execPath,
    args: [join(import.meta.dirname, "pipe-server.ts"), String(port), String(providerPort)],
    env: { HOME: dir },
    cwd: dir,
  }),
  readyPath: "/",
  requestPath: () => "/v1/messages?beta=true",
  clientForm: () => "anthropic",
};
