/** The machine's proxies, as their variables say. */

export interface ProxyEnvironment {
  /** Undefined: none is set. */
  readonly http: string | undefined;
  readonly https: string | undefined;
  /** `NO_PROXY`, and this machine: a proxy cannot reach a server on it, and the variable often forgets to say so. */
  readonly noProxy: string;
}

/** @returns undefined where no proxy is set */
export const proxyEnvironment = (
  env: Readonly<Record<string, string | undefined>>,
): ProxyEnvironment | undefined => {
  const valueOf = (name: string): string | undefined =>
    [env[name.toLowerCase()], env[name]].find((value) => value !== undefined && value !== "");
  const [http, https] = [valueOf("HTTP_PROXY"), valueOf("HTTPS_PROXY")];
  if (http === undefined && https === undefined) return undefined;
  const noProxy = [valueOf("NO_PROXY") ?? "", "127.0.0.1", "localhost", "[::1]"]
    .filter((part) => part !== "")
    .join(",");
  return { http, https, noProxy };
};
