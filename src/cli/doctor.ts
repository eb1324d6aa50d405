/** The checks of `switchyard doctor`. Each looks at one thing, changes nothing, and never throws. */
import { accessSync, constants, existsSync } from "node:fs";
import { connect as connectSocket } from "node:net";
import { dirname, join } from "node:path";
import { localProviders, localSearch } from "../config/container.ts";
import { cacheDir } from "../shared/paths.ts";
import { SwitchyardError, messageOf } from "../shared/errors.ts";
import { clientVersion, findInPath } from "../fuse/client-install.ts";
import { loadForCommand, type Loaded } from "./configuration.ts";

export interface Finding {
  readonly about: "node" | "config" | "keys" | "local" | "engine" | "client" | "state";
  /** `note`: it works, but the user should know; `bad`: something must be done. */
  readonly state: "ok" | "note" | "bad";
  readonly found: string;
  readonly todo?: string;
}

/** @param configFile the user's file, where one is named */
export const checks = async (configFile: string | undefined): Promise<Finding[]> => {
  const findings: Finding[] = [checkNode()];
  let loaded: Loaded | undefined;
  try {
    loaded = loadForCommand(configFile === undefined ? {} : { config: configFile });
    findings.push({ about: "config", state: "ok", found: loaded.config.files.join(", ") });
  } catch (error) {
    const todo = error instanceof SwitchyardError ? error.hint : undefined;
    findings.push({
      about: "config",
      state: "bad",
      found: messageOf(error),
      ...(todo !== undefined && { todo }),
    });
  }
  if (loaded !== undefined)
    findings.push(...checkKeys(loaded), ...(await checkLocal(loaded)), checkState(loaded));
  findings.push(await checkEngine(loaded?.config.stack.runtime === "docker"));
  if (loaded !== undefined) findings.push(await checkClient(loaded.config.stack.client.version));
  return findings;
};

const checkNode = (): Finding => ({
  about: "node",
  state: "ok",
  found: `${process.version} (${process.execPath})`,
});

/** Providers that a route or an alias names. */
const usedProviders = ({ config }: Loaded): Set<string> =>
  new Set(
    [...Object.values(config.routes).flatMap((route) => route.use), ...config.aliases.values()].map(
      ({ provider }) => provider,
    ),
  );

const checkKeys = (loaded: Loaded): Finding[] => {
  const used = [...usedProviders(loaded)].flatMap((name) => loaded.config.providers.get(name) ?? []);
  const findings = used.flatMap((provider): Finding[] => {
    if (provider.dialect === "demo") return [];
    if (provider.disabled !== undefined) {
      const name = /\b[A-Z][A-Z0-9_]+\b/.exec(provider.disabled)?.[0];
      return [
        {
          about: "keys",
          state: "note",
          found: `${provider.name} is skipped: ${provider.disabled}`,
          ...(name !== undefined && { todo: `export ${name}=…, or: switchyard secrets set ${name}` }),
        },
      ];
    }
    const how = {
      none: "needs no key",
      passthrough: "your own login is forwarded",
      key: `${provider.keys.length} set`,
    };
    return [{ about: "keys", state: "ok", found: `${provider.name}: ${how[provider.auth]}` }];
  });
  if (findings.some(({ state }) => state === "ok")) return findings;
  return [
    ...findings,
    { about: "keys", state: "note", found: "no provider has a key: the demo provider answers" },
  ];
};

/** Servers on this machine that a route or the search uses: does anything listen there? */
const checkLocal = async (loaded: Loaded): Promise<Finding[]> => {
  const used = usedProviders(loaded);
  const local = localProviders(loaded.source).filter(({ name }) => used.has(name));
  const search = loaded.config.search === undefined ? undefined : localSearch(loaded.source);
  if (search !== undefined) local.push({ name: "search", baseUrl: search });
  return Promise.all(
    local.map(async ({ name, baseUrl }): Promise<Finding> => {
      const url = new URL(baseUrl);
      const open = await listens(url.hostname, Number(url.port || (url.protocol === "https:" ? 443 : 80)));
      if (open) return { about: "local", state: "ok", found: `${name} listens at ${url.host}` };
      return {
        about: "local",
        state: "note",
        found: `${name}: nothing listens at ${url.host}`,
        todo: "Start that server. For a container it must listen on all interfaces (Ollama: OLLAMA_HOST=0.0.0.0).",
      };
    }),
  );
};

const listens = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connectSocket({ host, port });
    const done = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.setTimeout(1_000, () => done(false));
    socket.once("connect", () => done(true));
    socket.once("error", () => done(false));
  });

/** The state folder, or the nearest folder above it that is there, can be written. */
const checkState = ({ stateDir }: Loaded): Finding => {
  let folder = stateDir;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  try {
    accessSync(folder, constants.W_OK);
    return { about: "state", state: "ok", found: stateDir };
  } catch {
    return {
      about: "state",
      state: "bad",
      found: `${stateDir} cannot be written`,
      todo: "Name another folder: SWITCHYARD_STATE_DIR=…",
    };
  }
};

const checkEngine = async (required: boolean): Promise<Finding> => {
  const { connect } = await import("../engine/connect.ts");
  try {
    const engine = await connect(process.env);
    return {
      about: "engine",
      state: "ok",
      found: `Docker Engine ${engine.version} (${engine.address.host})`,
    };
  } catch (error) {
    const todo = "Start it (on Debian: make engine). Without one, shells run on the host, without isolation.";
    return { about: "engine", state: required ? "bad" : "note", found: messageOf(error), todo };
  }
};

const checkClient = async (version: string): Promise<Finding> => {
  const own = findInPath("claude", process.env);
  const found = own === undefined ? undefined : await clientVersion(own);
  if (found === version) return { about: "client", state: "ok", found: `Claude Code ${version} (${own})` };
  const cached = join(cacheDir(process.env), `claude-code-${version}`);
  if (existsSync(cached))
    return { about: "client", state: "ok", found: `Claude Code ${version} (${cached})` };
  const other = found === undefined ? "" : ` (yours is ${found}, and stays as it is)`;
  return {
    about: "client",
    state: findInPath("npm", process.env) === undefined ? "bad" : "note",
    found: `Claude Code ${version} is not installed${other}`,
    todo: "The first shell on the host installs it from npm into the cache; a container brings its own.",
  };
};
