/** What both sinks put into the head of a message. */
import { randomBytes } from "node:crypto";
import type { Usage } from "../../protocol/anthropic.ts";

/** An id of Anthropic's form for a message whose provider gave none. */
export const messageId = (): string => `msg_${randomBytes(12).toString("hex")}`;

/** Usage for a message that begins: what is known so far, zero where nothing is. */
export const startUsage = (known: Partial<Usage> | undefined): Usage => ({
  ...known,
  input_tokens: known?.input_tokens ?? 0,
  output_tokens: known?.output_tokens ?? 0,
});
