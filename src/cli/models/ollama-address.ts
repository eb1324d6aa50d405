/** Which Ollama a model is fetched into, and what its models are called in targets. */
import type { Config } from "../../config/types.ts";
import type { Environment } from "../../shared/paths.ts";

const usual = "http://127.0.0.1:11434";

/** OLLAMA_HOST as Ollama reads it: with or without a scheme and a port; an address of all interfaces is asked on loopback. */
const ofEnvironment = (value: string | undefined): string => {
  if (value === undefined || value.trim() === "") return usual;
  const text = value.trim().replace(/\/+$/, "");
  const url = URL.parse(/^https?:\/\//.test(text) ? text : `http://${text}`);
  if (url === null) return usual;
  if (/^(?:0\.0\.0\.0|\[::\])$/.test(url.hostname)) url.hostname = "127.0.0.1";
  if (url.port === "" && !/^https?:\/\//.test(text)) url.port = "11434";
  return url.origin;
};

/** @param onHost the one on this machine, also where the stack has one */
export const ollamaAddress = ({ stack }: Config, env: Environment, onHost: boolean): string =>
  stack.ollama.enabled && !onHost
    ? `http://127.0.0.1:${stack.ollama.port}`
    : ofEnvironment(env["OLLAMA_HOST"]);

/** The provider that asks that server; undefined: the configuration has none. */
export const providerAt = ({ providers }: Config, address: string): string | undefined =>
  [...providers.values()].find(({ baseUrl }) =>
    baseUrl.replace("//localhost", "//127.0.0.1").startsWith(`${address}/`),
  )?.name;
