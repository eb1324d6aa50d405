/**
 * Who asks, and with whose credentials. The client's key opens the router; the user's own subscription or key, which may
 * come beside it, is for providers with `auth: passthrough` alone.
 */
import type { IncomingHttpHeaders } from "node:http";
import type { Config, ProviderConfig } from "../config/types.ts";
import { SwitchyardError } from "../shared/errors.ts";
import { isLoopback } from "../shared/loopback.ts";
import type { ClientIdentity } from "./clients/identity.ts";
import type { ClientRegistry, Found } from "./clients/registry.ts";

/** Headers that carry a credential, in any of the forms that clients use. */
const credentialHeaders = [
  "authorization",
  "x-api-key",
  "x-goog-api-key",
  "x-switchyard-key",
  "proxy-authorization",
  "cookie",
] as const;

/** The user's own credentials: what is left when the router's key is taken out. */
export interface OwnCredentials {
  readonly authorization?: string;
  readonly "x-api-key"?: string;
}

const bearer = (header: string | undefined): string | undefined =>
  /^Bearer\s+(.+)$/i.exec(header ?? "")?.[1]?.trim();

const single = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header;

/** Who asks: the user's own credentials that came beside the client's key, and whose key it is. */
export interface Authenticated {
  readonly own: OwnCredentials;
  /** Undefined where no key is needed. */
  readonly client: ClientIdentity | undefined;
}

/** What the client's key is held against. */
export interface Gate {
  readonly config: Config;
  readonly clients: ClientRegistry;
}

/** A key that is refused is refused the next time, too: Claude Code would send it again for minutes, and say nothing meanwhile. */
const refusal = (code: "auth.missing" | "auth.wrong" | "auth.ended", detail?: string): SwitchyardError =>
  new SwitchyardError(code, {
    ...(detail !== undefined && { detail }),
    headers: { "x-should-retry": "false" },
  });

/**
 * Checks the client's key.
 * @throws SwitchyardError auth.missing, auth.wrong, auth.ended, auth.foreign
 */
export const authenticate = (headers: IncomingHttpHeaders, gate: Gate): Authenticated => {
  const authorization = headers.authorization;
  const apiKey = single(headers["x-api-key"]);
  const routerKey = single(headers["x-switchyard-key"]);
  const own = {
    ...(authorization !== undefined && { authorization }),
    ...(apiKey !== undefined && { "x-api-key": apiKey }),
  };
  if (!gate.clients.needed(gate.config)) {
    requireOwnMachine(headers);
    // The key of a session that joined is its key here, too: no provider is to see it.
    const client = clientIn(headers, gate);
    return { own: client === undefined ? own : withoutRouterKeys(own, gate), client };
  }
  const token = bearer(authorization);
  // A client may send the same key in more than one header: it is never the user's own.
  const given: readonly (readonly [string, string | undefined])[] =
    routerKey === undefined
      ? [
          ["authorization", token],
          ["x-api-key", apiKey],
          ["x-goog-api-key", single(headers["x-goog-api-key"])],
        ]
      : [["x-switchyard-key", routerKey]];
  const sent = given.flatMap(([header, key]) => (key === undefined ? [] : [{ header, key }]));
  if (sent.length === 0) throw refusal("auth.missing");
  // Each is looked up, so that the time does not tell which was right.
  const find = (): Found[] => sent.map(({ key }) => gate.clients.find(key, gate.config));
  let found = find();
  if (found.every((each) => "refused" in each && each.refused === "unknown")) {
    gate.clients.look();
    found = find();
  }
  for (const each of found)
    if ("client" in each) return { own: withoutRouterKeys(own, gate), client: each.client };
  for (const [i, each] of found.entries())
    if ("refused" in each && each.refused !== "unknown")
      throw refusal("auth.ended", `${sent[i]!.header}: ${each.refused}`);
  throw refusal("auth.wrong", sent[0]!.header);
};

/** Whose key came with a request, where one did that is valid: nothing is asked of those who send none. */
export const clientIn = (
  headers: IncomingHttpHeaders,
  { clients, config }: Gate,
): ClientIdentity | undefined => {
  const keys = [
    single(headers["x-switchyard-key"]),
    bearer(headers.authorization),
    single(headers["x-api-key"]),
    single(headers["x-goog-api-key"]),
  ];
  for (const key of keys) {
    const found = key === undefined ? undefined : clients.find(key, config);
    if (found !== undefined && "client" in found) return found.client;
  }
  return undefined;
};

/**
 * Without a key, whoever reaches the port is served: that must be a program of this machine, and no page in its browser, be it
 * by a name that leads to 127.0.0.1 (DNS rebinding) or by a request that asks for no leave (a form's POST).
 */
const requireOwnMachine = (headers: IncomingHttpHeaders): void => {
  const named = [headers.host, headers.origin?.replace(/^https?:\/\//, "")];
  for (const name of named) {
    if (name !== undefined && !isLoopback(name.replace(/:\d+$/, "")))
      throw new SwitchyardError("auth.foreign", { detail: name });
  }
};

const withoutRouterKeys = (own: OwnCredentials, { clients, config }: Gate): OwnCredentials => {
  // One that has ended is no more the user's own than one that has not.
  const isOurs = (key: string): boolean => {
    const found = clients.find(key, config);
    return "client" in found || found.refused !== "unknown";
  };
  const token = bearer(own.authorization);
  const apiKey = own["x-api-key"];
  return {
    ...(own.authorization !== undefined &&
      !(token !== undefined && isOurs(token)) && { authorization: own.authorization }),
    ...(apiKey !== undefined && !isOurs(apiKey) && { "x-api-key": apiKey }),
  };
};

/** The client's headers without credentials and without the router's own. */
export const withoutCredentials = (headers: IncomingHttpHeaders): IncomingHttpHeaders => {
  const rest: IncomingHttpHeaders = {};
  for (const name in headers) {
    if (!name.startsWith("x-switchyard-") && !(credentialHeaders as readonly string[]).includes(name)) {
      rest[name] = headers[name];
    }
  }
  return rest;
};

/** The headers that open a provider: one of its keys, or the user's own credentials where it says so. */
export const providerCredentials = (
  provider: ProviderConfig,
  key: string | undefined,
  own: OwnCredentials,
): Record<string, string> => {
  if (provider.auth === "passthrough") return { ...own };
  if (provider.auth === "none" || key === undefined) return {};
  return provider.keyHeader === "authorization"
    ? { authorization: `Bearer ${key}` }
    : { [provider.keyHeader]: key };
};
