/**
 * Web searches that another provider ran. Anthropic takes back results and citations only with what it encrypted itself (`encrypted_content`,
 * `encrypted_index`; platform.claude.com/docs, web search tool): others become text, so that the model still knows what was found.
 */
import type { ContentBlock } from "../../../protocol/anthropic.ts";
import { isJsonObject, type JsonObject } from "../../../shared/json.ts";
import { isEnvelope } from "../shared/reasoning-envelope.ts";
import { textOf } from "../shared/text.ts";

const isSealed = (value: unknown): boolean => typeof value === "string" && value !== "" && !isEnvelope(value);

/** Anthropic's ids of server tools, the only ones that it takes back. */
const ownId = /^srvtoolu_[a-zA-Z0-9_]+$/;

/** Whose conversation it is: Anthropic's, whose ids have one form; one that runs server tools of its own; or one that knows none. */
export type SearchKnowledge = "anthropic" | "own" | "none";

/** Results of server tools other than those that load tools, which every provider of the form gets told of in its own way. */
const isServerResult = (type: unknown): boolean =>
  typeof type === "string" && /^(?!tool_search).+_tool_result$/.test(type);

const isForeignResult = (block: JsonObject, knows: SearchKnowledge): boolean => {
  if (knows === "none") return isServerResult(block["type"]);
  if (block["type"] !== "web_search_tool_result") return false;
  if (knows === "anthropic" && !ownId.test(String(block["tool_use_id"]))) return true;
  const { content } = block;
  return (
    Array.isArray(content) &&
    content.some((result) => isJsonObject(result) && !isSealed(result["encrypted_content"]))
  );
};

const isForeignCitation = (citation: unknown, knows: SearchKnowledge): boolean =>
  isJsonObject(citation) &&
  citation["type"] === "web_search_result_location" &&
  (knows === "none" || !isSealed(citation["encrypted_index"]));

/**
 * The same list where all searches are the provider's own. A provider that knows no server tools (`webSearch: none`) gets what any of them found
 * as text.
 */
export const withoutForeignSearch = (blocks: ContentBlock[], knows: SearchKnowledge): ContentBlock[] => {
  const isForeign = (block: JsonObject): boolean => isForeignResult(block, knows);
  const hasForeignCitation = (block: JsonObject): boolean =>
    Array.isArray(block["citations"]) && block["citations"].some((one) => isForeignCitation(one, knows));
  const all = (blocks as unknown[]).filter(isJsonObject);
  const searches = new Set(all.filter(isForeign).map((block) => block["tool_use_id"]));
  if (searches.size === 0 && !all.some(hasForeignCitation)) return blocks;
  const out: ContentBlock[] = [];
  for (const block of blocks) {
    const fields: JsonObject = isJsonObject(block) ? block : {};
    if (block.type === "server_tool_use" && searches.has(block.id)) continue;
    if (isForeign(fields)) {
      const found = textOf(fields["content"]);
      if (found !== "") out.push({ type: "text", text: found });
    } else if (block.type === "text" && hasForeignCitation(fields)) {
      const { citations: _, ...rest } = block;
      out.push(rest);
    } else out.push(block);
  }
  return out;
};
