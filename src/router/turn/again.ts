/** What is worth asking the same target a second time for, before its failure counts. */
import type { ProviderConfig } from "../../config/types.ts";
import type { ContentBlock, MessagesRequest } from "../../protocol/anthropic.ts";
import type { Outcome } from "./outcome.ts";
import { classify } from "../failures/classify.ts";
import type { Turn } from "./turn.ts";

/**
 * Asks, and asks once more where a kept connection had just been closed by the provider, or where the provider refused the reasoning of
 * earlier turns: without it the request is sound. Each second call counts as an attempt.
 * @param first of this target in the turn: a connection that is lost again is no kept one
 */
export const askTwice = async (
  turn: Turn,
  provider: Pick<ProviderConfig, "failures">,
  first: boolean,
  ask: (turn: Turn) => Promise<Outcome>,
): Promise<Outcome> => {
  let outcome = await ask(turn);
  if (first && outcome.kind === "failed" && outcome.lost === true && !turn.reply.aborted)
    outcome = await ask(turn);
  if (outcome.kind !== "failed" || turn.reply.aborted) return outcome;
  if (classify(outcome.failure, provider.failures).step !== "without-reasoning") return outcome;
  const { target } = turn.progress;
  turn.log.warn(
    { requestId: turn.id, kind: "reasoningRejected", target, status: outcome.failure.status },
    `${target} refused the reasoning of earlier turns, which another account or model of it may have written: asked again without it`,
  );
  return ask(withoutReasoning(turn));
};

/**
 * The turn without anything that only its origin can verify. Thinking stays as mere words, which each dialect sends where its provider wants
 * some; a client whose bytes pass has its reasoning left out by its own form (`dropReasoning`).
 */
const withoutReasoning = (turn: Turn): Turn => ({
  ...turn,
  request: unsigned(turn.request),
  // The bytes of a client of Anthropic's form would say what the request no longer does.
  rawBody: turn.client.name === "anthropic" ? undefined : turn.rawBody,
  dropReasoning: true,
});

const unsigned = (request: MessagesRequest): MessagesRequest => ({
  ...request,
  messages: request.messages.map((message) =>
    message.role === "assistant" && Array.isArray(message.content)
      ? { ...message, content: message.content.flatMap(unsignedBlock) }
      : message,
  ),
});

const unsignedBlock = (block: ContentBlock): ContentBlock[] => {
  if (block.type === "redacted_thinking") return [];
  if (block.type !== "thinking") return [block];
  return block.thinking === "" ? [] : [{ type: "thinking", thinking: block.thinking }];
};
