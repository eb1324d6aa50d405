/** Brave (api-dashboard.search.brave.com, web search): GET with the key as X-Subscription-Token; errors are `{error: {code, detail}}`. */
import { isJsonObject } from "../../../shared/json.ts";
import { withSites } from "../../dialects/shared/search-domains.ts";
import type { SearchEngine } from "../engine.ts";
import { objects, plain, text } from "./fields.ts";

export const brave: SearchEngine = {
  title: "Brave Search",
  longestQuery: 400,
  request({ query, count, tool }, { key }) {
    const fields = new URLSearchParams({ q: withSites(query, tool), count: String(count) });
    const { country, city, region, timezone } = tool.location;
    if (country !== undefined && /^[A-Za-z]{2}$/.test(country)) fields.set("country", country.toUpperCase());
    const place = { "x-loc-city": city, "x-loc-state-name": region, "x-loc-timezone": timezone };
    return {
      method: "GET",
      path: `/res/v1/web/search?${fields.toString()}`,
      headers: {
        "x-subscription-token": key ?? "",
        // A header takes plain characters only; a city that has others is left out.
        ...Object.fromEntries(
          Object.entries(place).filter(([, value]) => value !== undefined && /^[\x20-\x7e]+$/.test(value)),
        ),
      },
    };
  },
  results(body) {
    if (!isJsonObject(body)) return undefined;
    // An answer without any page has no `web`.
    if (!isJsonObject(body["web"])) return body["type"] === "search" ? [] : undefined;
    return objects(body["web"]["results"]).map((result) => {
      const more = Array.isArray(result["extra_snippets"]) ? result["extra_snippets"] : [];
      const age = text(result["page_age"]) || text(result["age"]);
      return {
        url: text(result["url"]),
        title: plain(result["title"]),
        text: [result["description"], ...(more as unknown[])]
          .map(plain)
          .filter((part) => part !== "")
          .join("\n"),
        ...(age !== "" && { age }),
      };
    });
  },
  words(body) {
    const error = isJsonObject(body) ? body["error"] : undefined;
    return isJsonObject(error) ? text(error["detail"]) || text(error["code"]) : "";
  },
};
