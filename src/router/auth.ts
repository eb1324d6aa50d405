/**
 * Who asks, and with whose credentials. The client's key opens the router; the user's own subscription or key, which may
 * come beside it, is for providers with `auth: passthrough` alone.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Config, ProviderConfig } from "../config/types.ts";
import { clientKeyId } from "../shared/client-key.ts";
import { SwitchyardError } from "../shared/errors.ts";
import { isLoopback } from "../shared/loopback.ts";

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

/** Compares without telling by its time how much was right. */
const isKnown = (key: string, known: readonly string[]): boolean => {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  const given = digest(key);
  let found = false;
  for (const each of known) found = timingSafeEqual(given, digest(each)) || found;
  return found;
};

const bearer = (header: string | undefined): string | undefined =>
  /^Bearer\s+(.+)$/i.exec(header ?? "")?.[1]?.trim();

const single = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header;

/**
 * Checks the client's key.
 * @returns the user's own credentials that came beside it
 * @throws SwitchyardError auth.missing, auth.wrong, auth.foreign
 */
export const authenticate = (headers: IncomingHttpHeaders, config: Config): OwnCredentials => {
  const { clientKeys } = config.server;
  const authorization = headers.authorization;
  const apiKey = single(headers["x-api-key"]);
  const routerKey = single(headers["x-switchyard-key"]);
  const own = {
    ...(authorization !== undefined && { authorization }),
    ...(apiKey !== undefined && { "x-api-key": apiKey }),
  };
  if (clientKeys.length === 0) {
    requireOwnMachine(headers);
    return own;
  }
  if (routerKey !== undefined) {
    if (!isKnown(routerKey, clientKeys))
      throw new SwitchyardError("auth.wrong", { detail: "x-switchyard-key" });
    // A client may send the same key in more than one header: it is never the user's own.
    return withoutRouterKeys(own, clientKeys);
  }
  const token = bearer(authorization);
  if (token === undefined && apiKey === undefined) throw new SwitchyardError("auth.missing");
  const byToken = token !== undefined && isKnown(token, clientKeys);
  const byApiKey = apiKey !== undefined && isKnown(apiKey, clientKeys);
  if (!byToken && !byApiKey) {
    throw new SwitchyardError("auth.wrong", { detail: token === undefined ? "x-api-key" : "authorization" });
  }
  return withoutRouterKeys(own, clientKeys);
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

const withoutRouterKeys = (own: OwnCredentials, clientKeys: readonly string[]): OwnCredentials => {
  const token = bearer(own.authorization);
  const apiKey = own["x-api-key"];
  return {
    ...(own.authorization !== undefined &&
      !(token !== undefined && isKnown(token, clientKeys)) && { authorization: own.authorization }),
    ...(apiKey !== undefined && !isKnown(apiKey, clientKeys) && { "x-api-key": apiKey }),
  };
};

/** The key by which a client was let in: `authenticate` has been asked. Undefined where none is needed. */
export const clientKeyIn = (headers: IncomingHttpHeaders, { server }: Config): string | undefined => {
  const given = [
    single(headers["x-switchyard-key"]),
    bearer(headers.authorization),
    single(headers["x-api-key"]),
  ];
  return given.find((key) => key !== undefined && isKnown(key, server.clientKeys));
};

/** A key as it may be shown: by its id, and by a name. */
export const shownClientKey = (
  key: string,
  { custom }: Config,
): { readonly clientKeyId: string; readonly clientKey: string } => {
  const id = clientKeyId(key);
  // Of a short key its end would say too much.
  const ending = key.length < 12 ? "a short key" : `…${key.slice(-4)}`;
  return { clientKeyId: id, clientKey: custom?.clientKeyNames.get(id) ?? ending };
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
