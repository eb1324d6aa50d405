/**
 * A request of a subagent: tagged with a target of its own, or known by the client's header. The tag may stand anywhere in
 * the system prompt or in the first two messages (the client puts an agent's prompt into the first user message).
 */
import type { ContentBlock, Message, MessagesRequest, TextBlock } from "../../protocol/anthropic.ts";
import type { Config, Target } from "../../config/types.ts";
import { parseNamed } from "./named.ts";
import { no, toRoute, type Rule, type Verdict } from "./rule.ts";
import { withFallbacks } from "./targets.ts";

const openTag = "<CCR-SUBAGENT-MODEL>";
const tag = /<CCR-SUBAGENT-MODEL>([^<>]*)<\/CCR-SUBAGENT-MODEL>/g;

/** How many messages may bear the tag: the user's first, and the client's own system message beside it. */
const searchedMessages = 2;

export const subagent: Rule = {
  name: "subagent",
  decide(facts): Verdict {
    const target = findTag(facts.request, facts.config);
    if (target !== undefined) {
      return {
        matched: true,
        reason: "the prompt has a subagent tag",
        targets: withFallbacks(target, facts.config),
      };
    }
    if (facts.headers["x-claude-code-agent-id"] === undefined)
      return no("neither a tag nor a subagent's header");
    return toRoute(facts, "subagent", "the client says that a subagent asks");
  },
};

const textsOf = function* (request: MessagesRequest): Generator<string> {
  if (typeof request.system === "string") yield request.system;
  else for (const block of request.system ?? []) if (typeof block.text === "string") yield block.text;
  for (const message of request.messages.slice(0, searchedMessages)) {
    if (typeof message.content === "string") yield message.content;
    else for (const block of message.content) if (block.type === "text") yield block.text;
  }
};

/**
 * A tag whose provider is configured, and whose target can be tried or has a fallback; documents quote tags, and those are
 * not ours to follow.
 */
const targetOf = (text: string, config: Config): Target | undefined => {
  const named = parseNamed(text.trim(), config);
  if (named.kind !== "target") return undefined;
  const isOn = (target: Target): boolean => config.providers.get(target.provider)?.disabled === undefined;
  return withFallbacks(named.target, config).some(isOn) ? named.target : undefined;
};

const findTag = (request: MessagesRequest, config: Config): Target | undefined => {
  for (const text of textsOf(request)) {
    if (!text.includes(openTag)) continue;
    for (const match of text.matchAll(tag)) {
      const target = targetOf(match[1]!, config);
      if (target !== undefined) return target;
    }
  }
  return undefined;
};

/** The request without the tags that are followed; the same object where there is none. */
export const withoutTags = (request: MessagesRequest, config: Config): MessagesRequest => {
  if (findTag(request, config) === undefined) return request;
  const clean = (text: string): string =>
    text.includes(openTag)
      ? text.replace(tag, (whole: string, named: string) =>
          targetOf(named, config) === undefined ? whole : "",
        )
      : text;
  const cleanBlock = <B extends ContentBlock | TextBlock>(block: B): B =>
    block.type === "text" && block.text.includes(openTag) ? { ...block, text: clean(block.text) } : block;
  /** A text block that was nothing but the tag goes with it: providers refuse an empty one. */
  const cleanBlocks = <B extends ContentBlock>(blocks: B[]): B[] =>
    blocks
      .map(cleanBlock)
      .filter((block, i) => block === blocks[i] || block.type !== "text" || block.text.trim() !== "");
  const cleanMessage = (message: Message): Message => ({
    ...message,
    content: typeof message.content === "string" ? clean(message.content) : cleanBlocks(message.content),
  });
  const { system, ...others } = request;
  const cleanSystem = typeof system === "string" ? clean(system) : cleanBlocks(system ?? []);
  const searched = request.messages.slice(0, searchedMessages);
  const messages = [
    // A message that was nothing but the tag goes with it, for the same reason.
    ...searched
      .map(cleanMessage)
      .filter(({ content }, i) => content.length > 0 || searched[i]?.content.length === 0),
    ...request.messages.slice(searchedMessages),
  ];
  return {
    ...others,
    ...(cleanSystem.length > 0 && { system: cleanSystem }),
    messages: messages.length > 0 ? messages : request.messages,
  };
};
