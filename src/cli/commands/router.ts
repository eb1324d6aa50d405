/** `switchyard router`: the router in the foreground. The only door from the CLI to the router's code. */
import { once } from "node:events";
import { createInterface } from "node:readline";
import { InvalidArgumentError, type Command } from "commander";
import { loadConfig } from "../../config/load.ts";
import type { Config } from "../../config/types.ts";
import { sessionKeyVariable } from "../../shared/session-key.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import type { Environment } from "../../shared/paths.ts";
import { configOption } from "../configuration.ts";
import { print } from "./command.ts";

interface Options {
  config?: string;
  host?: string;
  port?: number;
  keysStdin?: boolean;
  endWithStdin?: boolean;
}

const portNumber = (text: string): number => {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new InvalidArgumentError("A port is a whole number from 0 to 65535.");
  return port;
};

export const configure = (command: Command): void => {
  configOption(command)
    .option("--host <address>", "address to listen on (default: server.host)")
    .option("--port <number>", "port to listen on; 0 takes a free one (default: server.port)", portNumber)
    .option(
      "--keys-stdin",
      "read the variables of the configuration from stdin: one line, a JSON object {NAME: value}",
    )
    .option("--end-with-stdin", "end when stdin is closed")
    .addHelpText("after", "\nPrints one line, `listening on http://H:P`; its log goes to stderr.")
    .action(run);
};

const run = async (options: Options): Promise<void> => {
  const env = options.keysStdin === true ? await readKeys() : process.env;
  const config = withSessionKey(
    loadConfig({
      env,
      keyFiles: options.keysStdin !== true,
      ...(options.config !== undefined && { file: options.config }),
      ...(options.host !== undefined && { host: options.host }),
      ...(options.port !== undefined && { port: options.port }),
    }),
    env[sessionKeyVariable],
  );
  const { startRouter } = await import("../../router/main.ts");
  const router = await startRouter({ config });
  print(`listening on ${router.url}`);

  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort());
  if (options.endWithStdin === true) process.stdin.once("close", () => stop.abort()).resume();
  await once(stop.signal, "abort");
  await router.close();
  process.stdin.destroy();
};

/** A key that was made for one shell is taken whatever `server.clientKeys` says. */
const withSessionKey = (config: Config, key: string | undefined): Config =>
  key === undefined || key === ""
    ? config
    : {
        ...config,
        server: { ...config.server, clientKeys: [...config.server.clientKeys, key] },
        secrets: [...config.secrets, key],
      };

/** The first line of stdin. @throws SwitchyardError usage.invalid; the line itself is never shown */
const readKeys = async (): Promise<Environment> => {
  const wrong = new SwitchyardError("usage.invalid", {
    detail: "--keys-stdin: the first line of stdin is not a JSON object of strings",
    hint: 'Such as: {"OPENROUTER_API_KEY": "…"}',
  });
  const lines = createInterface({ input: process.stdin });
  const line = await new Promise<string>((resolve) => {
    lines.once("line", resolve);
    lines.once("close", () => resolve(""));
  });
  lines.close();
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw wrong;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong;
  const entries = Object.entries(value);
  if (!entries.every((entry): entry is [string, string] => typeof entry[1] === "string")) throw wrong;
  return Object.fromEntries(entries);
};
