/** Text out of the hub's blocks. */
import { pageText } from "./search-blocks.ts";
import type { ContentBlock } from "../../../protocol/anthropic.ts";

/** Between two blocks that become one text. */
export const blockGap = "\n\n";

/**
 * The text in a block or list of blocks of any kind, known or not; empty where there is none. Results of server tools (a search that
 * another provider ran) become lines of title and address, and what stands there where
 * the router knows it.
 */
export const textOf = (content: unknown): string => {
  if (typeof content === "string") return content;
  if (Array.isArray(content))
    return content
      .map((item) => textOf(item))
      .filter((text) => text !== "")
      .join("\n");
  if (typeof content !== "object" || content === null) return "";
  const block = content as Record<string, unknown>;
  if (block["type"] === "tool_reference")
    return `Tool ${typeof block["tool_name"] === "string" ? block["tool_name"] : "of no name"} is now available.`;
  if (typeof block["text"] === "string") return block["text"];
  const head = [block["title"], block["url"] ?? block["source"]].filter((word) => typeof word === "string");
  const inner = textOf(block["content"]);
  return [head.join(" "), inner, pageText(block["encrypted_content"])]
    .filter((text) => text !== "")
    .join("\n");
};

const billing = "x-anthropic-billing-header:";

/** The client's first system line is for Anthropic's books. It changes with every request, so it would also break prefix caches. */
export const withoutBilling = (text: string): string => {
  if (!text.startsWith(billing)) return text;
  const end = text.indexOf("\n");
  return end === -1 ? "" : text.slice(end).trimStart();
};

/** A message's content as blocks, whatever form it has. */
export const blocksOf = (content: unknown): readonly ContentBlock[] => {
  if (typeof content === "string") return [{ type: "text", text: content }];
  return Array.isArray(content) ? content.filter((block) => typeof block === "object" && block !== null) : [];
};

/** How many of the last characters of `text` may be the beginning of `tag`. */
export const startOf = (text: string, tag: string): number => {
  for (let length = Math.min(tag.length - 1, text.length); length > 0; length--)
    if (text.endsWith(tag.slice(0, length))) return length;
  return 0;
};
