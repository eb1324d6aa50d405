/** What the stack was started with and a switch has to know: written by `up`, so that a switch needs no configuration. */
import { readStateFile } from "./atomic.ts";
import { isJsonObject, parseJsonObject } from "../../shared/json.ts";

export interface StackConnections {
  /** What the client sends to router and LiteLLM. */
  readonly clientKey: string;
  /** LiteLLM's administrator's key, which the client is never told. */
  readonly masterKey: string;
  /** Random bytes, so that hashes of keys cannot be tried against guesses. */
  readonly salt: string;
  /** The router forwards the user's own login. */
  readonly passthrough: boolean;
  /** What LiteLLM takes instead of `clientKey`, where its configuration is the user's own. */
  readonly litellmKey?: string;
  /** What CLIProxyAPI takes, where the stack has one. */
  readonly cliproxyapiKey?: string;
  /** Proxies of the machine, as containers reach them. */
  readonly proxy: Readonly<Record<string, string>>;
  /** CA certificates that the machine trusts beyond the usual ones. */
  readonly ca?: string;
}

const strings = (value: unknown): Record<string, string> =>
  isJsonObject(value)
    ? Object.fromEntries(
        Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
      )
    : {};

/** Undefined where the file is not there or is not one of ours. */
export const readConnections = async (file: string): Promise<StackConnections | undefined> => {
  const value = parseJsonObject(await readStateFile(file));
  if (value === undefined) return undefined;
  const { clientKey, masterKey, salt, passthrough, litellmKey, cliproxyapiKey, proxy, ca } = value;
  if (typeof clientKey !== "string" || typeof masterKey !== "string" || typeof salt !== "string")
    return undefined;
  return {
    clientKey,
    masterKey,
    salt,
    passthrough: passthrough === true,
    proxy: strings(proxy),
    ...(typeof litellmKey === "string" && { litellmKey }),
    ...(typeof cliproxyapiKey === "string" && { cliproxyapiKey }),
    ...(typeof ca === "string" && { ca }),
  };
};
