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

const isForeignResult = (block: JsonObject, strictIds: boolean): boolean => {
  if (block["type"] !== "web_search_tool_result") return false;
  if (strictIds && !ownId.test(String(block["tool_use_id"]))) return true;
  const { content } = block;
  return (
    Array.isArray(content) &&
    content.some((result) => isJsonObject(result) && !isSealed(result["encrypted_content"]))
  );
};

const isForeignCitation = (citation: unknown): boolean =>
  isJsonObject(citation) &&
  citation["type"] === "web_search_result_location" &&
  !isSealed(citation["encrypted_index"]);

const hasForeignCitation = (block: JsonObject): boolean =>
  Array.isArray(block["citations"]) && block["citations"].some(isForeignCitation);

/**
 * The same list where all searches are the provider's own.
 * @param strictIds the provider is Anthropic itself
 */
export const withoutForeignSearch = (blocks: ContentBlock[], strictIds: boolean): ContentBlock[] => {
  const isForeign = (block: JsonObject): boolean => isForeignResult(block, strictIds);
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
