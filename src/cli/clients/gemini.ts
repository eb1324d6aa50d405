/**
 * Gemini CLI (geminicli.com/docs, authentication and settings; tried with 0.61.0). Its address and key are variables, which may stand in `~/.gemini/.env`; how it
 * signs in is a setting: with a Google login, or without a choice, it would not ask the address.
 */
import { statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { SwitchyardError } from "../../shared/errors.ts";
import type { Environment } from "../../shared/paths.ts";
import type { Client, Connection, Variables } from "./client.ts";
import { putValues, takeValues } from "./json-settings.ts";

const title = "Gemini CLI";
const byKey = { security: { auth: { selectedType: "gemini-api-key" } } };

/** A name that is no target's: the router's routes decide. With one of Google's own the client asks a small model first which of its models to take. */
const model = "switchyard";

/** Above the user's own. */
const systemSettings = join(import.meta.dirname, "gemini-settings.json");

const written = ({ baseUrl, key }: Connection): Readonly<Record<string, string>> => ({
  GOOGLE_GEMINI_BASE_URL: baseUrl,
  GEMINI_API_KEY: key,
  GEMINI_MODEL: model,
});

const variables = (connection: Connection): Variables => ({
  ...written(connection),
  // It goes before the other key in Google's SDKs.
  GOOGLE_API_KEY: null,
  GOOGLE_GENAI_USE_VERTEXAI: null,
  GOOGLE_GENAI_USE_GCA: null,
  // The settings of the machine, above the user's: there is no variable for the way to sign in.
  GEMINI_CLI_SYSTEM_SETTINGS_PATH: systemSettings,
});

/** The folder above a path that others than its owner may write to, as Gemini CLI looks for it (a sticky bit does not count); undefined: there is none. */
const openFolderAbove = (path: string): string | undefined => {
  const folder = dirname(path);
  if ((statSync(folder).mode & 0o022) !== 0) return folder;
  return folder === path ? undefined : openFolderAbove(folder);
};

const hindrance = (): string | undefined => {
  const open = openFolderAbove(systemSettings);
  return open === undefined
    ? undefined
    : `${title} reads no settings below ${open}, which others may write to: where a Google login is chosen, use "switchyard persist gemini", or move this checkout`;
};

const fileIn = (env: Environment, name: string): string =>
  join(env["GEMINI_CLI_HOME"] || env["HOME"] || homedir(), ".gemini", name);

const begin = "# >>> switchyard >>> (taken out by: switchyard unpersist gemini)";
const end = "# <<< switchyard <<<";

/** Without our block. */
const cleaned = (text: string): string => {
  const from = text.indexOf(`${begin}\n`);
  const to = from === -1 ? -1 : text.indexOf(`${end}\n`, from);
  return to === -1 ? text : text.slice(0, from) + text.slice(to + end.length + 1);
};

/** Of the same variable the last line counts (dotenv): the user's own lines can stay. */
const put = (text: string | undefined, connection: Connection): string => {
  const own = cleaned(text ?? "");
  if (own.includes(begin))
    throw new SwitchyardError("persist.refused", { detail: `.env has "${begin}" without its end` });
  const lines = Object.entries(written(connection)).map(([name, value]) => `${name}="${value}"`);
  return [own === "" || own.endsWith("\n") ? own : `${own}\n`, [begin, ...lines, end, ""].join("\n")].join(
    "",
  );
};

export const gemini: Client = {
  name: "gemini",
  title,
  variables,
  hindrance,
  settings: {
    file: (env) => fileIn(env, ".env"),
    put,
    take: cleaned,
    note: "A .env in the folder of a project, or above it, is read in its place; a folder that Gemini CLI was not told to trust has none of ~/.gemini.",
  },
  besides: [
    {
      file: (env) => fileIn(env, "settings.json"),
      put: (text) => putValues(text, byKey, title),
      take: (text, before, after) => takeValues(text, before, after, title),
    },
  ],
};
