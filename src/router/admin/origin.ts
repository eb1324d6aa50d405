/** From where the administration may be asked: the names that lead here on purpose, and pages of its own. */
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import type { Config } from "../../config/types.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import { isLoopback } from "../../shared/loopback.ts";

/** The name in a Host header, without its port and brackets. */
const nameIn = (host: string): string =>
  host
    .toLowerCase()
    .replace(/:\d+$/, "")
    .replace(/^\[(.*)\]$/, "$1");

/**
 * Whether a browser that asks by this name was not led here by somebody's DNS (rebinding): a page of evil.example whose name leads to 127.0.0.1 sends
 * its own name. Addresses are no names: nobody can have them lead elsewhere.
 */
const isOurName = (host: string, config: Config): boolean => {
  const name = nameIn(host);
  return (
    isIP(name) !== 0 ||
    isLoopback(name) ||
    name.endsWith(".localhost") ||
    name === config.server.host.toLowerCase() ||
    config.admin.hosts.includes(name)
  );
};

/**
 * Refuses other names and pages of other origins. SameSite alone would let pages of other ports of the same address in.
 * @throws SwitchyardError admin.foreign
 */
export const requireOwnOrigin = (headers: IncomingHttpHeaders, config: Config): void => {
  const { host, origin } = headers;
  const refuse = (detail: string): never => {
    throw new SwitchyardError("admin.foreign", { detail });
  };
  if (host === undefined || !isOurName(host, config)) refuse(`Host: ${shown(host)}`);
  if (origin !== undefined && URL.parse(origin)?.host !== host?.toLowerCase())
    refuse(`Origin: ${shown(origin)}`);
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none")
    refuse(`Sec-Fetch-Site: ${shown(site)}`);
};

const shown = (text: string | undefined): string => JSON.stringify(text ?? "").slice(0, 120);
