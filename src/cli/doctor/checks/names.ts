/** Names of the providers' hosts can be looked up. */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { systemCodeOf } from "../../../shared/errors.ts";
import { bad, type Check, note, ok } from "../check.ts";
import { remoteUrls } from "../used.ts";

const proxies = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] as const;

export const names: Check = {
  name: "dns",
  about: "names of the providers' hosts",
  online: true,
  run: ({ loaded, env }) => {
    const hosts = new Set(
      (loaded === undefined ? [] : remoteUrls(loaded))
        .map(({ url }) => url.hostname.replace(/^\[|\]$/g, ""))
        .filter((host) => isIP(host) === 0),
    );
    const proxy = proxies.find((name) => (env[name] ?? "") !== "");
    return Promise.all(
      [...hosts].map(async (host) => {
        try {
          const { address } = await lookup(host);
          return ok(`${host} is ${address}`);
        } catch (error) {
          const words = `${host} is not found (${systemCodeOf(error) ?? "unknown"})`;
          // The proxy looks it up.
          if (proxy !== undefined) return note(`${words}; ${proxy} may find it`);
          return bad(words, "See to this machine's DNS (/etc/resolv.conf), or to the provider's baseUrl.");
        }
      }),
    );
  },
};
