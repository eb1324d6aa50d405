/**
 * The client's lists of domains. `example.com` covers `docs.example.com`, `example.com/blog` what lies below that path, and one `*` may stand in a
 * path (platform.claude.com/docs, server tools, domain filtering).
 */
import type { SearchTool } from "./search-tool.ts";

interface Pattern {
  readonly host: string;
  readonly path: RegExp | undefined;
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

const patternOf = (domain: string): Pattern => {
  const [host = "", ...rest] = domain
    .trim()
    .replace(/^[a-z]+:\/\//i, "")
    .split("/");
  const path = rest.join("/").replace(/\/+$/, "");
  return {
    host: host.toLowerCase().replace(/^\*?\./, ""),
    path: path === "" ? undefined : new RegExp(`^/${path.split("*").map(escaped).join("[^/]*")}(?:/|$)`),
  };
};

const covers = ({ host, path }: Pattern, url: URL): boolean =>
  (url.hostname === host || url.hostname.endsWith(`.${host}`)) && (path?.test(url.pathname) ?? true);

/** Whether the client may see a result of this address. Only pages of the web are. */
export const domainFilter = (
  tool: Pick<SearchTool, "allowedDomains" | "blockedDomains">,
): ((address: string) => boolean) => {
  const allowed = tool.allowedDomains.map(patternOf);
  const blocked = tool.blockedDomains.map(patternOf);
  return (address) => {
    const url = URL.parse(address);
    if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) return false;
    if (allowed.length > 0 && !allowed.some((pattern) => covers(pattern, url))) return false;
    return !blocked.some((pattern) => covers(pattern, url));
  };
};

/** The same as words of the query, for engines that have no fields for it: most know `site:` and `-site:`. */
export const withSites = (
  query: string,
  { allowedDomains, blockedDomains }: Pick<SearchTool, "allowedDomains" | "blockedDomains">,
): string => {
  const sites = allowedDomains.map((domain) => `site:${siteOf(domain)}`);
  const only = sites.length > 1 ? `(${sites.join(" OR ")})` : sites.join("");
  return [query, only, ...blockedDomains.map((domain) => `-site:${siteOf(domain)}`)]
    .filter((part) => part !== "")
    .join(" ");
};

const siteOf = (domain: string): string =>
  domain
    .trim()
    .replace(/^[a-z]+:\/\//i, "")
    .replace(/\*.*$/, "")
    .replace(/\/+$/, "");
