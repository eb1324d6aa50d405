/** A list of prices from its place: a file, or a URL, by the machine's proxy where there is one. */
import { readFile } from "node:fs/promises";
import http from "node:http";
import { messageOf, SwitchyardError, systemCodeOf } from "../shared/errors.ts";
import { proxyEnvironment } from "../shared/proxy-env.ts";

export interface FetchLimits {
  /** Milliseconds in which it must be there. */
  readonly patience: number;
  /** Bytes. */
  readonly largest: number;
}

/** The largest public list has 3 MB. */
const usual: FetchLimits = { patience: 60_000, largest: 64 * 1024 * 1024 };

/** What a URL may not show: a password in it, a token behind its question mark. */
export const shownPlace = (place: string): string => {
  const url = /^https?:\/\//i.test(place) ? URL.parse(place) : null;
  return url === null ? place : `${url.origin}${url.pathname}`;
};

const cannot = (
  place: string,
  why: string,
  hint = "Fetch it by other means, and name the file.",
): SwitchyardError =>
  new SwitchyardError("usage.invalid", { detail: `${shownPlace(place)} cannot be read (${why})`, hint });

/** @throws SwitchyardError usage.invalid: what cannot be read, why, and through which proxy */
export const fetchList = async (
  place: string,
  env: Readonly<Record<string, string | undefined>>,
  limits: FetchLimits = usual,
): Promise<string> => {
  if (/^https?:\/\//i.test(place)) return fetchUrl(place, env, limits);
  try {
    return await readFile(place, "utf8");
  } catch (error) {
    const hint = "Name a file, or a URL that begins with https://.";
    throw cannot(place, systemCodeOf(error) ?? messageOf(error), hint);
  }
};

const fetchUrl = async (
  place: string,
  env: Readonly<Record<string, string | undefined>>,
  { patience, largest }: FetchLimits,
): Promise<string> => {
  const proxies = proxyEnvironment(env);
  const end = proxies === undefined ? undefined : useProxies(place, proxies);
  const way = proxies === undefined ? "" : `, by the proxy of HTTP_PROXY, HTTPS_PROXY and NO_PROXY`;
  try {
    const answer = await fetch(place, { signal: AbortSignal.timeout(patience) });
    if (!answer.ok) throw cannot(place, `status ${answer.status}${way}`);
    return await textOf(answer, place, largest);
  } catch (error) {
    if (error instanceof SwitchyardError) throw error;
    if (error instanceof Error && error.name === "TimeoutError")
      throw cannot(place, `it was not there after ${patience / 1_000} s${way}`);
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    // Of a 407 fetch says nothing at all.
    const why = systemCodeOf(cause) ?? (messageOf(cause) || "it was refused, maybe for want of a password");
    throw cannot(place, `${why}${way}`);
  } finally {
    end?.();
  }
};

/** @returns puts the process back */
const useProxies = (
  place: string,
  { http: plain, https, noProxy }: NonNullable<ReturnType<typeof proxyEnvironment>>,
) => {
  // Node 24 has it since 24.14.
  if (typeof http.setGlobalProxyFromEnv !== "function")
    throw cannot(place, `Node ${process.version} knows no proxies; they need 24.14 or later`);
  return http.setGlobalProxyFromEnv({
    ...(plain !== undefined && { HTTP_PROXY: plain }),
    // As the router has it.
    HTTPS_PROXY: https ?? plain,
    NO_PROXY: noProxy,
  });
};

const textOf = async (answer: Response, place: string, largest: number): Promise<string> => {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of answer.body ?? []) {
    size += part.length;
    if (size > largest) throw cannot(place, `it is larger than ${Math.floor(largest / 1024 / 1024)} MB`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
};
