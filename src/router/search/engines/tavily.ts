/** Tavily (docs.tavily.com, API reference, search): POST /search with the key as Bearer; errors are `{detail: {error}}`. */
import { isJsonObject } from "../../../shared/json.ts";
import type { SearchEngine } from "../engine.ts";
import { objects, plain, text } from "./fields.ts";

/** It wants the country's English name in small letters. */
const countryName = (code: string | undefined): string | undefined => {
  if (code === undefined || !/^[A-Za-z]{2}$/.test(code)) return undefined;
  const name = new Intl.DisplayNames("en", { type: "region", fallback: "none" }).of(code.toUpperCase());
  return name?.toLowerCase();
};

export const tavily: SearchEngine = {
  title: "Tavily",
  longestQuery: 400,
  request({ query, count, tool }, { key }) {
    const country = countryName(tool.location.country);
    return {
      method: "POST",
      path: "/search",
      headers: { authorization: `Bearer ${key ?? ""}` },
      body: JSON.stringify({
        query,
        max_results: count,
        search_depth: "basic",
        ...(tool.allowedDomains.length > 0 && { include_domains: tool.allowedDomains }),
        ...(tool.blockedDomains.length > 0 && { exclude_domains: tool.blockedDomains }),
        ...(country !== undefined && { country }),
      }),
    };
  },
  results(body) {
    if (!isJsonObject(body) || !Array.isArray(body["results"])) return undefined;
    return objects(body["results"]).map((result) => ({
      url: text(result["url"]),
      title: plain(result["title"]),
      text: text(result["content"]).trim(),
      ...(text(result["published_date"]) !== "" && { age: text(result["published_date"]) }),
    }));
  },
  words(body) {
    const detail = isJsonObject(body) ? body["detail"] : undefined;
    return isJsonObject(detail) ? text(detail["error"]) : text(detail);
  },
  hints: {
    432: "The plan's limit is reached; see app.tavily.com.",
    433: "The pay-as-you-go limit is reached; see app.tavily.com.",
  },
};
