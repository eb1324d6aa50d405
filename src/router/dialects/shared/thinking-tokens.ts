/** Tokens of reasoning in the hub's usage: Anthropic's own field, a part of `output_tokens`. */
import type { Usage } from "../../../protocol/anthropic.ts";

/** What to add to a usage; nothing where none were counted, as Anthropic's older models say nothing. */
export const thinkingDetails = (tokens: number): Pick<Usage, string> =>
  tokens > 0 ? { output_tokens_details: { thinking_tokens: tokens } } : {};
