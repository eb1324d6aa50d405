/** `search` of the configuration, complete. Pure. */
import type { Problems } from "./problems.ts";
import type { RawConfig } from "./schema.ts";
import { keyPositionAt, type MapTree, positionAt, treeAt } from "./tree.ts";
import type { SearchConfig } from "./types.ts";
import { milliseconds } from "./units.ts";
import { resolveVariables } from "./variables.ts";

/** api.tavily.com and api.search.brave.com, as their documents have them. SearXNG is always somebody's own. */
const addresses: Readonly<Record<SearchConfig["provider"], string | undefined>> = {
  tavily: "https://api.tavily.com",
  brave: "https://api.search.brave.com",
  searxng: undefined,
};

export interface ResolvedSearch {
  readonly search: SearchConfig | undefined;
  /** Why nobody searches although a provider is named. */
  readonly notices: readonly string[];
}

export const resolveSearch = (raw: RawConfig, tree: MapTree, problems: Problems): ResolvedSearch => {
  const given = raw.search;
  const provider = given?.provider;
  if (given === undefined || provider === undefined) {
    // A wrong provider was told already; one that is missing while the rest is there was forgotten.
    if (
      given !== undefined &&
      Object.keys(given).length > 0 &&
      treeAt(tree, ["search", "provider"]) === undefined
    )
      problems.add(
        keyPositionAt(tree, ["search"]),
        ["search"],
        "`provider` is missing: tavily, brave or searxng.",
      );
    return { search: undefined, notices: [] };
  }
  const baseUrl = readAddress(given.baseUrl ?? addresses[provider], tree, problems);
  if (baseUrl === undefined) return { search: undefined, notices: [] };
  const key = (given.key ?? "").trim();
  if (key === "" && provider !== "searxng")
    return { search: undefined, notices: [`Web search by ${provider} is off: ${whyOff(tree)}.`] };
  const search: SearchConfig = {
    provider,
    baseUrl,
    key: key === "" ? undefined : key,
    maxResults: given.maxResults ?? 5,
    timeout: milliseconds(given.timeout ?? "15s"),
  };
  return { search, notices: [] };
};

const readAddress = (text: string | undefined, tree: MapTree, problems: Problems): string | undefined => {
  if (text === undefined) {
    if (treeAt(tree, ["search", "baseUrl"]) === undefined)
      problems.add(
        keyPositionAt(tree, ["search"]),
        ["search"],
        "`baseUrl` is missing: the address of your SearXNG, as http://127.0.0.1:8888.",
      );
    return undefined;
  }
  const url = URL.parse(text);
  const told = (what: string): undefined => {
    problems.add(positionAt(tree, ["search", "baseUrl"]), ["search", "baseUrl"], what);
  };
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:"))
    return told("found a text, expected a URL that begins with http:// or https://.");
  if (url.username !== "" || url.password !== "")
    return told("found a URL with a user name or password; put the key into `key`.");
  if (url.search !== "" || url.hash !== "") return told("found a URL with ? or #, expected one without.");
  return text.replace(/\/+$/, "");
};

const whyOff = (tree: MapTree): string => {
  const node = treeAt(tree, ["search", "key"]);
  const text = node?.kind === "scalar" && typeof node.value === "string" ? node.value : "";
  const name = resolveVariables(text, () => undefined).references[0]?.name;
  return name === undefined ? "`search.key` is empty" : `${name} is not set`;
};
