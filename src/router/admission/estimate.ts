/** What a turn may cost, before anybody was asked. */
import { modelInfoOf } from "../../config/model-info.ts";
import { asAsked, type Config, type Target } from "../../config/types.ts";
import type { MessagesRequest } from "../../protocol/anthropic.ts";
import { costOf } from "../prices/cost.ts";

/** Bytes of a request's body to a token. */
const bytesPerToken = 4;

/**
 * Tokens of an answer, where more are allowed. Clients allow tens of thousands and use a few hundred; to hold all of them would stop ten subagents at a budget
 * that they do not come near.
 */
const usualOutput = 2_000;

/** @param size of the request's body in bytes */
export const estimatedTokens = (size: number): number => Math.ceil(size / bytesPerToken);

/** US dollars; 0 where the price is not known. Nothing is taken to be cached. */
export const estimatedCost = (
  config: Config,
  target: Target,
  request: Pick<MessagesRequest, "max_tokens" | "model">,
  size: number,
): number => {
  const input = estimatedTokens(size);
  const output = Math.min(request.max_tokens ?? usualOutput, usualOutput);
  const tokens = { input, output, cacheRead: 0, cacheWrite: 0, reasoning: 0 };
  return costOf(tokens, modelInfoOf(config, asAsked(target, request.model))?.price, input) ?? 0;
};
