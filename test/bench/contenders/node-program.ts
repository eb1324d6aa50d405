import { join } from "node:path";
import { forms } from "../answers.ts";
import type { Contender } from "./contender.ts";

/** A program of this folder that passes Anthropic's bytes, started as `node FILE PORT PROVIDER_PORT MORE…`. */
export const nodeProgram = (
  name: string,
  about: string,
  file: string,
  more: readonly string[] = [],
): Contender => ({
  name,
  about,
  forms,
  launch: async ({ port, providerPort, dir }) => ({
    file: process.execPath,
    args: [join(import.meta.dirname, file), String(port), String(providerPort), ...more],
    env: { HOME: dir },
    cwd: dir,
  }),
  readyPath: "/",
  requestPath: () => "/v1/messages?beta=true",
  clientForm: () => "anthropic",
});
