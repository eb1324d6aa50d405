/** Citations of a web search as OpenAI's annotations. */
import { isJsonObject } from "../../../shared/json.ts";

export interface UrlCitation {
  type: "url_citation";
  url: string;
  title: string;
  start_index: number;
  end_index: number;
}

/** @param end length of the text so far: Anthropic's citations stand for the text block that they come in. @returns undefined for other citations */
export const urlCitation = (citation: unknown, start: number, end: number): UrlCitation | undefined => {
  if (!isJsonObject(citation) || typeof citation["url"] !== "string") return undefined;
  const title = citation["title"];
  return {
    type: "url_citation",
    url: citation["url"],
    title: typeof title === "string" ? title : citation["url"],
    start_index: start,
    end_index: end,
  };
};
