/** What the client asks for with its search tool (`web_search_20250305` and its kin; platform.claude.com/docs, web search tool). */
import type { MessagesRequest, Tool } from "../../../protocol/anthropic.ts";
import { isJsonObject } from "../../../shared/json.ts";

/** Searches of one turn where the client sets no bound. */
const usualUses = 8;

export interface SearchTool {
  /** As results and answers name it: `web_search`. */
  readonly name: string;
  /** Most searches of one turn. */
  readonly maxUses: number;
  /** Host, or host and beginning of a path; subdomains belong to their domain. Empty: all. */
  readonly allowedDomains: readonly string[];
  readonly blockedDomains: readonly string[];
  readonly location: SearchLocation;
}

/** About where the user is. */
export interface SearchLocation {
  readonly city?: string;
  readonly region?: string;
  /** Two letters, as ISO 3166-1 has them. */
  readonly country?: string;
  /** As IANA names it. */
  readonly timezone?: string;
}

/** Told by its type: a function of the client's own that is called `web_search` is a function like any other. */
export const isSearchTool = (tool: Tool | undefined): boolean => {
  // A client may send anything here.
  const type: unknown = tool?.type;
  return typeof type === "string" && type.startsWith("web_search");
};

/** The search tool of a request; undefined where it has none, or may not use it. */
export const searchToolOf = (request: MessagesRequest): SearchTool | undefined => {
  const tool = request.tools?.find(isSearchTool);
  if (tool === undefined || request.tool_choice?.type === "none") return undefined;
  const uses = tool["max_uses"];
  return {
    name: typeof tool.name === "string" && tool.name !== "" ? tool.name : "web_search",
    maxUses: typeof uses === "number" && Number.isInteger(uses) && uses > 0 ? uses : usualUses,
    allowedDomains: texts(tool["allowed_domains"]),
    blockedDomains: texts(tool["blocked_domains"]),
    location: locationOf(tool["user_location"]),
  };
};

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === "string" && item.trim() !== "") : [];

const locationOf = (value: unknown): SearchLocation => {
  if (!isJsonObject(value)) return {};
  const out: Record<string, string> = {};
  for (const field of ["city", "region", "country", "timezone"] as const) {
    const text = value[field];
    if (typeof text === "string" && text !== "") out[field] = text;
  }
  return out;
};
