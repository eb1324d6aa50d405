/** Where the router is for a client of this machine, and with which key. */
import { usableProfile } from "../../config/known-profile.ts";
import type { Config } from "../../config/types.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import { loadForCommand } from "../configuration.ts";
import { announcedRouters } from "../routers/announced.ts";
import type { Client, Connection } from "./client.ts";
import { hasMadeKeys, ownKey } from "./own-key.ts";

export interface ConnectOptions {
  readonly config?: string;
  readonly profile?: string;
  readonly url?: string;
}

/** Clients want a text there, also where the router asks for none. */
const noKey = "none-needed";

/** @throws SwitchyardError usage.invalid */
const addressOf = (given: string | undefined, { server }: Config, stateDir: string): string => {
  if (given !== undefined) {
    const url = URL.parse(given);
    if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.search !== "")
      throw new SwitchyardError("usage.invalid", {
        detail: "--url is no address of a router (scheme, host and port; no login, no query)",
        hint: "Such as: --url http://127.0.0.1:3000",
      });
    return given.replace(/\/+$/, "").replace(/\/v1$/, "");
  }
  const announced = announcedRouters(stateDir)[0];
  if (server.port === 0) {
    if (announced !== undefined) return announced;
    throw new SwitchyardError("usage.invalid", {
      detail: "server.port is 0, and no router runs that could say which port it took",
      hint: "Start it first (switchyard router, make up), or name it: --url http://127.0.0.1:PORT",
    });
  }
  const host = /^(?:0\.0\.0\.0|::)$/.test(server.host) ? "127.0.0.1" : server.host;
  return `http://${host.includes(":") ? `[${host}]` : host}:${server.port}`;
};

/** Whether the router that runs there asks for a key; undefined: none runs. */
const asksForKey = async (url: string): Promise<boolean | undefined> => {
  try {
    const answer = await fetch(`${url}/v1/models`, { signal: AbortSignal.timeout(2_000) });
    await answer.body?.cancel();
    return answer.status === 401 || answer.status === 403 ? true : answer.ok ? false : undefined;
  } catch {
    return undefined;
  }
};

/** Whether a route or an alias forwards the user's own login. */
const forwardsLogin = (config: Config, connection: { profile: Connection["profile"] }): boolean => {
  const targets = Object.values((connection.profile ?? config).routes).flatMap(({ use }) => use);
  return [...targets, ...config.aliases.values()].some(
    ({ provider }) => config.providers.get(provider)?.auth === "passthrough",
  );
};

/**
 * The connection of a client; its key is made where the router asks for one.
 * @param tell gets what the user should know, one line each
 * @throws SwitchyardError usage.invalid, profile.unknown, profile.disabled, client.keyInvalid, config.*
 */
export const connect = async (
  client: Client,
  options: ConnectOptions,
  tell: (line: string) => void,
): Promise<Connection> => {
  const { config, stateDir } = loadForCommand(options);
  const profile = options.profile === undefined ? undefined : usableProfile(options.profile, config);
  const address = addressOf(options.url, config, stateDir);
  const running = await asksForKey(address);
  if (running === undefined) tell(`no router answers at ${address} now: switchyard router, or make up`);
  const needsKey = running ?? (config.server.clientKeys.length > 0 || hasMadeKeys(stateDir));
  const own = needsKey ? ownKey(stateDir, client.name) : undefined;
  if (own?.isNew) tell(`the client key ${own.name} was made: switchyard keys list`);
  return {
    baseUrl: `${address}${profile === undefined ? "" : `/p/${encodeURIComponent(profile.name)}`}`,
    key: own?.key ?? noKey,
    needsKey,
    passthrough: forwardsLogin(config, { profile }),
    profile,
    config,
  };
};
