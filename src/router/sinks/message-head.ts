/** What both sinks put into the head of a message. */
import type { Usage } from "../../protocol/anthropic.ts";
import { randomHex } from "../../shared/random-hex.ts";

/** An id of Anthropic's form for a message whose provider gave none. */
export const messageId = (): string => `msg_${randomHex(12)}`;

/** Usage for a message that begins: what is known so far, zero where nothing is. */
export const startUsage = (known: Partial<Usage> | undefined): Usage => ({
  ...known,
  input_tokens: known?.input_tokens ?? 0,
  output_tokens: known?.output_tokens ?? 0,
});

/** What a message's head reports, for an answer that never comes to its end; undefined where it says nothing but zeros. */
export const reportedAtStart = (known: Partial<Usage> | undefined): Usage | undefined => {
  const usage = startUsage(known);
  const {
    input_tokens,
    output_tokens,
    cache_read_input_tokens: read,
    cache_creation_input_tokens: written,
  } = usage;
  return input_tokens + output_tokens + (read ?? 0) + (written ?? 0) > 0 ? usage : undefined;
};
