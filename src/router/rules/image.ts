/** An image in the last user message, in a tool's result too: the model must see it. */
import type { ContentBlock } from "../../protocol/anthropic.ts";
import { no, toRoute, type Rule } from "./rule.ts";

const hasImage = (content: string | ContentBlock[] | null | undefined): boolean =>
  Array.isArray(content) &&
  content.some(
    (block) => block.type === "image" || (block.type === "tool_result" && hasImage(block.content)),
  );

export const image: Rule = {
  name: "image",
  decide: (facts) => {
    const last = facts.request.messages.findLast((message) => message.role === "user");
    return hasImage(last?.content)
      ? toRoute(facts, "image", "the last user message has an image")
      : no("no image in the last user message");
  },
};
