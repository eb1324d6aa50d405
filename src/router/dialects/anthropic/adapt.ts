/** A hub request with what a provider of Anthropic's form would refuse taken out. */
import type { MessagesRequest } from "../../../protocol/anthropic.ts";
import type { DialectContext } from "../dialect.ts";
import { withKnownFormat } from "../shared/answer-format.ts";
import {
  withFewMarkers,
  withoutBillingLine,
  withoutDeferredTools,
  withoutInnerFields,
  withThinkingBudget,
} from "./fields.ts";
import { fitHistory } from "./history.ts";
import { blocksOf, inlineSystem } from "./inline-system.ts";

/** The request with what this provider would refuse taken out; the same object where nothing had to change. */
export const adapt = (request: MessagesRequest, context: DialectContext): MessagesRequest => {
  const { quirks } = context.provider;
  let changed = request;
  const messages = fitHistory(request.messages, context);
  if (messages !== request.messages) changed = { ...changed, messages };
  if (quirks.rawStream !== true) changed = withoutBillingLine(changed);
  if (quirks.noDeferredTools === true) changed = withoutDeferredTools(changed);
  if (quirks.inlineSystemMessages === true && changed.messages.some((m) => m.role === "system")) {
    changed = { ...changed, messages: inlineSystem(changed.messages) };
  }
  if (quirks.rawStream === true && wantsThinkingItHasNot(changed))
    changed = { ...changed, thinking: { type: "disabled" } };
  // JSON of any form is nothing that Anthropic's protocol can be asked for.
  changed = withKnownFormat(changed, quirks.structuredOutput === undefined ? ["json_schema"] : []);
  if (quirks.noAdaptiveThinking === true) changed = withThinkingBudget(changed);
  for (const field of quirks.dropFields ?? []) {
    if (!(field in changed)) continue;
    const { [field]: _dropped, ...rest } = changed;
    changed = rest as MessagesRequest;
  }
  const limit = outputLimit(context);
  if (limit !== undefined && changed.max_tokens !== undefined && changed.max_tokens > limit) {
    changed = { ...changed, max_tokens: limit };
    const budget = changed.thinking?.budget_tokens;
    // The budget must stay below max_tokens, or the provider refuses the request.
    if (budget !== undefined && budget >= limit) {
      changed.thinking = { ...changed.thinking!, budget_tokens: Math.max(1024, Math.floor(limit / 2)) };
    }
  }
  if (quirks.dropInnerFields !== undefined) changed = withoutInnerFields(changed, quirks.dropInnerFields);
  changed = withFewMarkers(changed);
  // The bytes that came in ask for a stream.
  if (request.stream === true && !context.stream) changed = { ...changed, stream: false };
  if (quirks.extraBody !== undefined) changed = { ...changed };
  return changed;
};

/**
 * Anthropic takes a tool's result under `thinking: enabled` only where the answer that called the tool begins with thinking
 * (platform.claude.com/docs, extended thinking with tool use). A call that another model made has none that Anthropic would know:
 * this one request goes without.
 */
const wantsThinkingItHasNot = (request: MessagesRequest): boolean => {
  if (request.thinking?.type !== "enabled") return false;
  const last = request.messages.findLast((message) => message.role !== "system");
  if (last === undefined || typeof last.content === "string") return false;
  if (!last.content.some((block) => block.type === "tool_result")) return false;
  const answer = request.messages.findLast((message) => message.role === "assistant");
  const first = answer === undefined ? undefined : blocksOf(answer)[0];
  return first !== undefined && first.type !== "thinking" && first.type !== "redacted_thinking";
};

const outputLimit = (context: DialectContext): number | undefined => {
  const { maxTokensLimit } = context.provider.quirks;
  // Anthropic itself says what is too much for its own models, which this table may not know yet.
  const known = context.provider.quirks.rawStream === true ? undefined : context.info?.maxOutput;
  if (maxTokensLimit === undefined) return known;
  return known === undefined ? maxTokensLimit : Math.min(known, maxTokensLimit);
};
