/** The router in the foreground. The only door from the CLI to the router's code. */
import { once } from "node:events";
import { readKept } from "../config/kept-config.ts";
import { startLoader, type ApartLoader } from "../config/load-apart.ts";
import type { LoadOptions } from "../config/source.ts";
import type { Config } from "../config/types.ts";
import { SwitchyardError } from "../shared/errors.ts";
import type { Environment } from "../shared/paths.ts";
import { sessionKeyVariable } from "../shared/session-key.ts";
import type { RouterOptions } from "./router-arguments.ts";

/**
 * Serves until a signal, or until stdin is closed where that was asked for. Prints `listening on http://H:P`.
 * @param loader one that was started already, for a router that is to be ready soon; else one is started where it is needed
 * @throws SwitchyardError as `loadConfig` and `startRouter`; usage.invalid
 */
export const serve = async (options: RouterOptions, loader?: ApartLoader): Promise<void> => {
  let child = loader;
  try {
    const env = options.keysStdin === true ? await readKeys() : process.env;
    const asked: LoadOptions = {
      env,
      keyFiles: options.keysStdin !== true,
      ...(options.config !== undefined && { file: options.config }),
      ...(options.host !== undefined && { host: options.host }),
      ...(options.port !== undefined && { port: options.port }),
    };
    const kept = options.keysStdin === true ? undefined : readKept(asked);
    // Asked before the import, which holds this thread: the two run beside each other.
    const reading = kept ?? (child ??= startLoader()).load(asked);
    const main = import("../router/main.ts");
    const [{ startRouter }, config] = await Promise.all([main, reading]);
    const router = await startRouter({ config: withSessionKey(config, env[sessionKeyVariable]) });
    process.stdout.write(`listening on ${router.url}\n`);

    const stop = new AbortController();
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort());
    if (options.endWithStdin === true) process.stdin.once("close", () => stop.abort()).resume();
    await once(stop.signal, "abort");
    await router.close();
  } finally {
    child?.end();
    // Whoever started us may hold the other end: it must not keep us.
    process.stdin.destroy();
  }
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
  let value: unknown;
  try {
    value = JSON.parse(await firstLine());
  } catch {
    throw wrong;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong;
  const entries = Object.entries(value);
  if (!entries.every((entry): entry is [string, string] => typeof entry[1] === "string")) throw wrong;
  return Object.fromEntries(entries);
};

/** Up to the first line feed of stdin, or to its end. */
const firstLine = (): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = "";
    const done = (): void => {
      process.stdin.off("data", take).off("end", done).off("error", reject).pause();
      resolve(text.split("\n", 1)[0] ?? "");
    };
    const take = (chunk: string): void => {
      text += chunk;
      if (chunk.includes("\n")) done();
    };
    process.stdin.setEncoding("utf8").on("data", take).once("end", done).once("error", reject);
  });
