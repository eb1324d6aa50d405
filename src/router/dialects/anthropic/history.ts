/**
 * The conversation as a provider of Anthropic's form takes it, whoever wrote its answers: thinking, ids of tool calls and empty texts of other
 * models make such a provider answer 400, and then the conversation would be lost after a switch.
 */
import { encodingOf, KeptParts } from "../../conversation/lasting.ts";
import type { ContentBlock, Message, ThinkingBlock } from "../../../protocol/anthropic.ts";
import type { DialectContext } from "../dialect.ts";
import { type SearchKnowledge, withoutForeignSearch } from "./foreign-search.ts";
import { fromEnvelope, isEnvelope } from "../shared/reasoning-envelope.ts";
import { toProviderToolId } from "../shared/tool-ids.ts";

/** A block that stays as it is, one in its place, or undefined where it is left out. */
type Change = (block: ContentBlock, context: DialectContext) => ContentBlock | undefined;

const fitted = new KeptParts<Message>();

const listOf = (message: Message | undefined): Message[] => (message === undefined ? [] : [message]);

/** The same list where nothing in it had to change. */
export const fitHistory = (messages: Message[], context: DialectContext): Message[] => {
  let out: Message[] | undefined;
  const beside = encodingOf(context);
  for (const [i, message] of messages.entries()) {
    const [fitting] = fitted.of(message, beside, () => listOf(fitMessage(message, context)));
    if (fitting !== message) out ??= messages.slice(0, i);
    if (out !== undefined && fitting !== undefined) out.push(fitting);
  }
  return out ?? messages;
};

/** Undefined where nothing of it is left: an empty message is refused as well. */
const fitMessage = (message: Message, context: DialectContext): Message | undefined => {
  const change = message.role === "assistant" ? assistantBlock : userBlock;
  let { content } = message;
  if (Array.isArray(content))
    content = withoutForeignSearch(changed(content, change, context), knowledgeOf(context));
  // The client sends one and the same text as a string in one turn and as a block in the next.
  else if (typeof content === "string" && context.provider.quirks.rawStream !== true && content !== "")
    content = [{ type: "text", text: content }];
  if (message.role === "assistant" && context.provider.quirks.thinkingHistory === true)
    content = withThinking(content);
  if (content === message.content) return message;
  return content.length === 0 && message.role !== "system" ? undefined : { ...message, content };
};

/** The same list where no block had to change. */
const changed = (blocks: ContentBlock[], change: Change, context: DialectContext): ContentBlock[] => {
  let out: ContentBlock[] | undefined;
  for (const [i, block] of blocks.entries()) {
    const next = typeof block === "object" && block !== null ? change(block, context) : block;
    if (next !== block) out ??= blocks.slice(0, i);
    if (out !== undefined && next !== undefined) out.push(next);
  }
  return out ?? blocks;
};

const assistantBlock: Change = (block, context) => {
  switch (block.type) {
    case "thinking":
      return thinkingBlock(block, context);
    case "redacted_thinking": {
      if (!isEnvelope(block.data)) return isRaw(context) ? block : undefined;
      const data = fromEnvelope(block.data, "", context)[0]?.["data"];
      return typeof data === "string" ? { ...block, data } : undefined;
    }
    case "tool_use": {
      const id = fitId(block.id, context);
      return id === block.id ? block : { ...block, id };
    }
    default:
      return withoutEmptyText(block);
  }
};

const userBlock: Change = (block, context) => {
  if (block.type === "image" && takesNoImages(context)) return imageNote;
  if (block.type !== "tool_result") return withoutEmptyText(block);
  const id = fitId(block.tool_use_id, context);
  const content = Array.isArray(block.content) ? changed(block.content, userBlock, context) : block.content;
  if (id === block.tool_use_id && content === block.content) return block;
  return { ...block, tool_use_id: id, ...(content !== undefined && { content }) };
};

const knowledgeOf = (context: DialectContext): SearchKnowledge =>
  isRaw(context) ? "anthropic" : context.provider.quirks.webSearch === "none" ? "none" : "own";

const isRaw = (context: DialectContext): boolean => context.provider.quirks.rawStream === true;

const takesNoImages = ({ provider, info }: DialectContext): boolean =>
  provider.quirks.noImages === true || (provider.quirks.rawStream !== true && info?.images === false);

const imageNote: ContentBlock = { type: "text", text: "[An image, left out: this model takes text only]" };

/** Anthropic: "text content blocks must be non-empty", and "must contain non-whitespace text", for ever, once one stands in the history. */
const withoutEmptyText = (block: ContentBlock): ContentBlock | undefined =>
  block.type === "text" && typeof block.text === "string" && !/\S/.test(block.text) ? undefined : block;

/**
 * Thinking with its provider's own signature. A signature without an envelope is Anthropic's own; thinking without any was never signed. What is
 * another's is left out, or, where every answer must begin with thinking, sent as mere words.
 */
const thinkingBlock = (block: ThinkingBlock, context: DialectContext): ThinkingBlock | undefined => {
  const { signature = "" } = block;
  if (isEnvelope(signature)) {
    const own = fromEnvelope(signature, block.thinking, context)[0]?.["signature"];
    if (typeof own === "string") return { ...block, signature: own };
  } else if (signature !== "" && isRaw(context)) return block;
  if (context.provider.quirks.thinkingHistory !== true || block.thinking.trim() === "") return undefined;
  return { type: "thinking", thinking: block.thinking, signature: "" };
};

const blank: ThinkingBlock = { type: "thinking", thinking: " ", signature: "" };

/** The answer with thinking in front: a blank, where it has none. */
const withThinking = (content: string | ContentBlock[]): string | ContentBlock[] => {
  const blocks: ContentBlock[] = typeof content === "string" ? [{ type: "text", text: content }] : content;
  if (blocks.length === 0 || blocks[0]?.type === "thinking") return content;
  return [blank, ...blocks];
};

/** Ids that Anthropic takes (`^[a-zA-Z0-9_-]+$`), and whatever the provider gave itself. */
const fitId = (id: string, context: DialectContext): string => {
  const fitting = toProviderToolId(id, context);
  return fitting !== id || !isRaw(context) || /^[a-zA-Z0-9_-]+$/.test(fitting)
    ? fitting
    : toProviderToolId(id, {
        provider: { name: context.provider.name, quirks: { toolIdAlphanumeric: true } },
      });
};
