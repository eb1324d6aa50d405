/** SearXNG (docs.searxng.org, search API): GET /search?format=json. A format that its settings do not list is answered with 403. */
import { isJsonObject } from "../../../shared/json.ts";
import { withSites } from "../../dialects/shared/search-domains.ts";
import type { SearchEngine } from "../engine.ts";
import { objects, plain, text } from "./fields.ts";

export const searxng: SearchEngine = {
  title: "SearXNG",
  // It knows no bound of its own; the engines behind it take about as much.
  longestQuery: 2000,
  request({ query, tool }, { key }) {
    const fields = new URLSearchParams({ q: withSites(query, tool), format: "json" });
    return {
      method: "GET",
      path: `/search?${fields.toString()}`,
      headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
    };
  },
  results(body) {
    if (!isJsonObject(body) || !Array.isArray(body["results"])) return undefined;
    return objects(body["results"]).map((result) => ({
      url: text(result["url"]),
      title: plain(result["title"]),
      text: plain(result["content"]),
      ...(text(result["publishedDate"]) !== "" && { age: text(result["publishedDate"]) }),
    }));
  },
  words: (body) => (isJsonObject(body) ? text(body["error"]) : ""),
  hints: { 403: "Allow `json` under search.formats in its settings.yml." },
};
