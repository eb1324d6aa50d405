/** The router in the foreground. The only door from the CLI to the router's code. */
import { constants } from "node:os";
import { join, resolve } from "node:path";
import { readKept } from "../config/kept-config.ts";
import { loadConfigApart, startLoader, type ApartLoader } from "../config/load-apart.ts";
import type { LoadOptions } from "../config/source.ts";
import type { Config } from "../config/types.ts";
import type { EditedFile } from "../config/edited-file.ts";
import { accessDir } from "../shared/access-files.ts";
import { clientKeyId } from "../shared/client-key.ts";
import { compileSooner } from "../shared/compile-sooner.ts";
import { checkoutRoot, type Environment, projectName, stateDir } from "../shared/paths.ts";
import { sessionKeyVariable } from "../shared/session-key.ts";
import type { RouterOptions } from "./router-arguments.ts";
import { keysOfEnvironment, keysOfFile, keysOfStdin, type RouterKeys } from "./router-keys.ts";

/**
 * Serves until a signal, or until stdin is closed where that was asked for. Prints `listening on http://H:P`. Reads its configuration again
 * when a file of it changes, and on SIGHUP.
 * @param loader one that was started already, for a router that is to be ready soon; else one is started where it is needed
 * @throws SwitchyardError as `loadConfig` and `startRouter`; usage.invalid
 */
export const serve = async (options: RouterOptions, loader?: ApartLoader): Promise<void> => {
  let child = loader;
  const began = Date.now();
  try {
    const keys = keysOf(options);
    const askedWith = (env: Environment): LoadOptions => ({
      env,
      keyFiles: keys.keyFiles,
      ...(options.config !== undefined && { file: options.config }),
      ...(options.host !== undefined && { host: options.host }),
      ...(options.port !== undefined && { port: options.port }),
    });
    const loadWith = async (fileText?: string): Promise<Config> => {
      const env = await keys.read();
      const asked = { ...askedWith(env), ...(fileText !== undefined && { fileText }) };
      return withSessionKey(await loadConfigApart(asked), env[sessionKeyVariable]);
    };
    const load = (): Promise<Config> => loadWith();
    const env = await keys.read();
    const kept = keys.keyFiles ? readKept(askedWith(env)) : undefined;
    // Asked before the import, which holds this thread: the two run beside each other.
    const reading = kept ?? (child ??= startLoader()).load(askedWith(env));
    const [{ startRouter }, read] = await Promise.all([import("../router/main.ts"), reading]);
    const config = withSessionKey(read, env[sessionKeyVariable]);
    const stateFile = stateFileOf(options, config);
    const router = await startRouter({
      config,
      load,
      ...(stateFile !== undefined && { stateFile }),
      ...accessOf(options, config, (text) => loadWith(text)),
    });
    const asked = askedToEnd(options);
    process.stdout.write(`listening on ${router.url}\n`);
    compileSooner();

    const unfollow = await follow(options, keys, router, began);
    const withdraw = await announce(options, config, router.url);
    const cause = await asked;
    unfollow();
    withdraw();
    if (cause === "stdin") await router.close(stdinGrace);
    else {
      endAtOnce();
      await router.close();
    }
  } finally {
    child?.end();
    // Whoever started us may hold the other end: it must not keep us.
    process.stdin.destroy();
  }
};

/** Whoever held the pipe has ended, and its client with it: nobody reads what is still under way. Milliseconds. */
const stdinGrace = 5_000;

const keysOf = (options: RouterOptions): RouterKeys => {
  if (options.keysFile !== undefined) return keysOfFile(options.keysFile);
  return options.keysStdin === true ? keysOfStdin() : keysOfEnvironment();
};

/** Started by hand on this machine: nobody else keeps an account of it. */
const isByHand = ({ state, keysStdin, keysFile }: RouterOptions): boolean =>
  state === undefined && keysStdin !== true && keysFile === undefined;

const announce = async (options: RouterOptions, config: Config, url: string): Promise<() => void> => {
  if (!isByHand(options)) return () => undefined;
  const { announceRouter } = await import("./routers/announced.ts");
  return announceRouter(stateDir(process.env, projectName(config.stack.project, checkoutRoot())), url);
};

/** `router-state.json` in the folder that `--state` names; else in the state folder, where the environment tells it. */
const stateFileOf = (options: RouterOptions, config: Config): string | undefined => {
  const named = options.state;
  if (named !== undefined) return join(named, "router-state.json");
  if (options.keysStdin === true || options.keysFile !== undefined) return undefined;
  const project = projectName(config.stack.project, checkoutRoot());
  return join(stateDir(process.env, project), "router-state.json");
};

/**
 * Where client keys and the administrator's token are kept: what `--access` names; in a container, whose state is `--state`, that folder; else the one that the CLI
 * and the stack's router share. A configuration that came with its keys from elsewhere is not changed here.
 */
const accessOf = (
  options: RouterOptions,
  config: Config,
  check: (text: string) => Promise<Config>,
): { accessFolder: string; edited?: EditedFile } => {
  const project = projectName(config.stack.project, checkoutRoot());
  const accessFolder = options.access ?? options.state ?? accessDir(stateDir(process.env, project));
  if (options.keysFile !== undefined) return { accessFolder };
  const file = resolve(options.config ?? join(checkoutRoot(), "config", "switchyard.yaml"));
  return { accessFolder, edited: { file, backups: join(accessFolder, "config-backups"), check } };
};

interface Followed {
  readonly files: () => readonly string[];
  reload(): Promise<unknown>;
}

/** Reloads when it should. @param began when the files were first read, milliseconds since the epoch. @returns ends it */
const follow = async (
  options: RouterOptions,
  keys: RouterKeys,
  router: Followed,
  began: number,
): Promise<() => void> => {
  // Not needed before the router listens.
  const { changedSince, possibleFiles, watchFiles } = await import("../config/watch.ts");
  const files = (): string[] => [
    ...router.files(),
    ...possibleFiles({ env: process.env, file: options.config, keyFiles: keys.keyFiles }),
    ...(keys.file === undefined ? [] : [keys.file]),
  ];
  const reload = (): void => {
    void router.reload().then(() => watched.follow(files()));
  };
  const watched = watchFiles(files(), reload);
  keys.onChange = reload;
  process.on("SIGHUP", reload);
  // A change while the router started was seen by nobody.
  if (changedSince(files(), began)) reload();
  return () => {
    keys.onChange = undefined;
    watched.close();
    // Still no reason to die in the middle of a drain.
    process.off("SIGHUP", reload).on("SIGHUP", () => undefined);
  };
};

const endSignals = ["SIGTERM", "SIGINT"] as const;

/** Waits for the signal that ends us, or for the end of stdin. */
const askedToEnd = (options: RouterOptions): Promise<"signal" | "stdin"> =>
  new Promise((resolve) => {
    for (const signal of endSignals) process.once(signal, () => resolve("signal"));
    if (options.endWithStdin === true) process.stdin.once("close", () => resolve("stdin")).resume();
  });

/** From now on a signal does not wait for anything. */
const endAtOnce = (): void => {
  for (const signal of endSignals)
    process.removeAllListeners(signal).once(signal, () => process.exit(128 + constants.signals[signal]));
};

/** A key that was made for one shell is taken whatever `server.clientKeys` says. */
const withSessionKey = (config: Config, key: string | undefined): Config => {
  if (key === undefined || key === "") return config;
  const { server, secrets } = config;
  return {
    ...config,
    server: {
      ...server,
      clientKeys: [...new Set([...server.clientKeys, key])],
      shellKeyId: clientKeyId(key),
    },
    secrets: [...new Set([...secrets, key])],
  };
};
