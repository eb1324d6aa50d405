/**
 * What the client's search tool asks for beyond a search. Google's tool has no field for it in the Gemini API (`excludeDomains` is Vertex's alone;
 * javadoc of java-genai, GoogleSearch), and its searches cannot be counted on the way: so the model is told in words, and sources of other
 * sites are not shown.
 */
import type { MessagesRequest } from "../../../protocol/anthropic.ts";
import { domainFilter } from "../shared/search-domains.ts";
import { isSearchTool, searchToolOf, type SearchTool } from "../shared/search-tool.ts";

/** For the end of the system prompt; undefined where nothing is asked for. */
export const searchWishes = (request: MessagesRequest): string | undefined => {
  const tool = searchToolOf(request);
  if (tool === undefined) return undefined;
  const wishes: string[] = [];
  if (tool.allowedDomains.length > 0)
    wishes.push(`use only pages of ${tool.allowedDomains.join(", ")} (with site: in the query)`);
  if (tool.blockedDomains.length > 0)
    wishes.push(`use no page of ${tool.blockedDomains.join(", ")} (with -site: in the query)`);
  // The client sends a bound with every search of its own: one that is hardly ever reached needs no words, which would cost the cache.
  const bound = request.tools?.find(isSearchTool)?.["max_uses"];
  if (bound === tool.maxUses && bound < 5) wishes.push(`search at most ${bound} times`);
  return wishes.length === 0 ? undefined : `When you search the web: ${wishes.join("; ")}.`;
};

/** Google gives addresses of its own, which lead on to the page, and the page's site as title. */
const ownRedirect = /^https:\/\/vertexaisearch\.cloud\.google\.com\//;

/** Whether the client may see a source. Of a page behind a redirect only the site is known: a rule for paths is asked as one for their site. */
export const sourceFilter = (
  tool: SearchTool | undefined,
): ((source: { url: string; title: string }) => boolean) => {
  if (tool === undefined || tool.allowedDomains.length + tool.blockedDomains.length === 0) return () => true;
  const byPage = domainFilter(tool);
  const bySite = domainFilter({
    allowedDomains: tool.allowedDomains.map(siteOf),
    // A site is not blocked for one of its paths.
    blockedDomains: tool.blockedDomains.filter((domain) => siteOf(domain) === domain),
  });
  return ({ url, title }) => (ownRedirect.test(url) ? bySite(`https://${title}/`) : byPage(url));
};

const siteOf = (domain: string): string => domain.replace(/^[a-z]+:\/\//i, "").replace(/\/.*$/, "");
