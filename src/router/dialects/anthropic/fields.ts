/** Parts of a request that providers of Anthropic's form do not all take. Each function gives the same object where nothing had to change. */
import type { ContentBlock, Message, MessagesRequest, TextBlock, Tool } from "../../../protocol/anthropic.ts";
import { isJsonObject } from "../../../shared/json.ts";
import { Kept } from "../../conversation/lasting.ts";
import { type Marked, mostMarkers, surplusMarkers } from "../shared/cache-markers.ts";
import { textOf, withoutBilling } from "../shared/text.ts";
import { toolsInUse } from "../shared/tools-in-use.ts";
import { levelOf, wishOf } from "../shared/thinking-wish.ts";

/** Without the client's first system line: it is for Anthropic's books, and new with each request, which would break every prefix cache. */
export const withoutBillingLine = (request: MessagesRequest): MessagesRequest => {
  const { system } = request;
  const first = Array.isArray(system) ? system[0]?.text : system;
  if (typeof first !== "string") return request;
  const rest = withoutBilling(first);
  if (rest === first) return request;
  if (!Array.isArray(system)) {
    const { system: _, ...others } = request;
    return rest === "" ? others : { ...request, system: rest };
  }
  const blocks: TextBlock[] =
    rest === "" ? system.slice(1) : [{ ...system[0]!, text: rest }, ...system.slice(1)];
  return { ...request, system: blocks };
};

/** Deferred tools in full, once the conversation has named them, and the references to them as text. */
export const withoutDeferredTools = (request: MessagesRequest): MessagesRequest => {
  const tools = request.tools ?? [];
  const out = { ...request, messages: request.messages.map(referencesAsText) };
  if (tools.some((tool) => tool.defer_loading !== undefined)) {
    const server = tools.filter(
      (tool) => tool.type !== undefined && tool.type !== null && tool.type !== "custom",
    );
    out.tools = [...toolsInUse(request).map(loaded), ...server];
  }
  return out;
};

const loaded = (tool: Tool): Tool => {
  const { defer_loading: _, ...rest } = tool;
  return rest;
};

const referencesAsText = (message: Message): Message => {
  if (!Array.isArray(message.content) || !message.content.some(holdsReference)) return message;
  const content = message.content.map((block): ContentBlock =>
    block.type === "tool_result" && Array.isArray(block.content)
      ? { ...block, content: block.content.map(referenceAsText) }
      : block,
  );
  return { ...message, content };
};

const holdsReference = (block: ContentBlock): boolean =>
  block?.type === "tool_result" &&
  Array.isArray(block.content) &&
  block.content.some((inner) => inner?.type === "tool_reference");

const referenceAsText = (block: ContentBlock): ContentBlock =>
  block?.type === "tool_reference" ? { type: "text", text: textOf(block) } : block;

/** Tokens to think with, by the effort that `adaptive` was asked for with. */
const budgets: Readonly<Record<string, number>> = {
  low: 2048,
  medium: 8192,
  high: 16_384,
  xhigh: 32_768,
  max: 32_768,
};

/** `adaptive` as `enabled`, below `max_tokens`, as Anthropic's first form of thinking has it. */
export const withThinkingBudget = (request: MessagesRequest): MessagesRequest => {
  if (request.thinking?.type !== "adaptive") return request;
  const wished = budgets[levelOf(wishOf(request), { maxEffort: "max" }) ?? "medium"] ?? budgets["medium"]!;
  const most = Math.max(1024, Math.floor((request.max_tokens ?? 32_768) / 2));
  return { ...request, thinking: { type: "enabled", budget_tokens: Math.min(wished, most) } };
};

/** Without these fields in messages, blocks and tools; arguments of tools, schemas and other values are not looked into. */
export const withoutInnerFields = (request: MessagesRequest, fields: readonly string[]): MessagesRequest => {
  const without = <Value extends object>(value: Value): Value =>
    fields.some((field) => field in value)
      ? (Object.fromEntries(Object.entries(value).filter(([name]) => !fields.includes(name))) as Value)
      : value;
  const blocks = (list: ContentBlock[]): ContentBlock[] =>
    list.map((block) => {
      if (!isJsonObject(block)) return block;
      const out = without(block);
      return out.type === "tool_result" && Array.isArray(out.content)
        ? { ...out, content: blocks(out.content) }
        : out;
    });
  const messages = request.messages.map((message) => {
    const out = without(message);
    return Array.isArray(out.content) ? { ...out, content: blocks(out.content) } : out;
  });
  return {
    ...request,
    messages,
    ...(Array.isArray(request.system) && { system: request.system.map(without) }),
    ...(Array.isArray(request.tools) && { tools: request.tools.map(without) }),
  };
};

const markers = new Kept<readonly Marked[]>();

/** Those of these blocks, and of those inside of tools' results, that have a marker. */
const markedOf = (blocks: unknown): Marked[] => {
  if (!Array.isArray(blocks)) return [];
  return (blocks as unknown[]).flatMap((block) => {
    if (!isJsonObject(block)) return [];
    const inner = block["type"] === "tool_result" ? markedOf(block["content"]) : [];
    return block["cache_control"] === undefined ? inner : [...inner, block];
  });
};

/** At most four cache markers: the first and the last three. */
export const withFewMarkers = (request: MessagesRequest): MessagesRequest => {
  const marked = [...markedOf(request.tools), ...markedOf(request.system)];
  for (const message of request.messages)
    marked.push(...markers.of(message, [], () => markedOf(message.content)));
  if (marked.length <= mostMarkers) return request;
  const surplus = new Set<unknown>(surplusMarkers(marked));
  const unmarked = <Value>(block: Value): Value => {
    if (!surplus.has(block)) return block;
    const { cache_control: _, ...rest } = block as Marked;
    return rest as Value;
  };
  const blocks = (list: ContentBlock[]): ContentBlock[] =>
    list.map((block) =>
      block?.type === "tool_result" && Array.isArray(block.content)
        ? { ...unmarked(block), content: block.content.map(unmarked) }
        : unmarked(block),
    );
  return {
    ...request,
    ...(request.tools !== undefined && { tools: request.tools.map(unmarked) }),
    ...(Array.isArray(request.system) && { system: request.system.map(unmarked) }),
    messages: request.messages.map((message) =>
      Array.isArray(message.content) ? { ...message, content: blocks(message.content) } : message,
    ),
  };
};
