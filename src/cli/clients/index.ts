/** Clients that the router can serve beside its own shells. A new one is a file beside this and a line here. */
import { didYouMean } from "../../config/problems.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import { claude } from "./claude.ts";
import type { Client, OwnSettings } from "./client.ts";
import { codex } from "./codex.ts";
import { gemini } from "./gemini.ts";
import { openai } from "./openai.ts";
import { opencode } from "./opencode.ts";

export const clients: readonly Client[] = [claude, codex, gemini, openai, opencode];

/** @throws SwitchyardError usage.invalid with all names */
export const findClient = (name: string): Client => {
  const found = clients.find((each) => each.name === name);
  if (found !== undefined) return found;
  const names = clients.map((each) => each.name);
  throw new SwitchyardError("usage.invalid", {
    detail: `there is no client ${name}.${didYouMean(name, names)}`,
    hint: `There are: ${names.join(", ")}.`,
  });
};

/** @throws SwitchyardError usage.invalid where the client has no file for it */
export const findSettings = (
  name: string,
): { client: Client; settings: OwnSettings; all: readonly OwnSettings[] } => {
  const client = findClient(name);
  const { settings, besides = [] } = client;
  if (settings !== undefined) return { client, settings, all: [settings, ...besides] };
  throw new SwitchyardError("usage.invalid", {
    detail: `${client.title} have no settings of their own`,
    hint: `Put into your shell's start-up file what is printed by: switchyard env ${name}`,
  });
};
