/**
 * Signatures of thinking, on their way through a client of OpenAI's: it keeps an opaque text with its reasoning and sends it back. Texts of
 * other origin (OpenAI's own encrypted reasoning) are none of ours, and say nothing to the hub.
 */
import type { RedactedThinkingBlock, ThinkingBlock } from "../../../protocol/anthropic.ts";

const signed = "switchyard.signature:";
const hidden = "switchyard.hidden:";

export const carrySignature = (signature: string): string => `${signed}${signature}`;
export const carryHidden = (data: string): string => `${hidden}${data}`;

/** Whether a text is one that the router gave out. */
export const isCarried = (text: unknown): boolean =>
  typeof text === "string" && (text.startsWith(signed) || text.startsWith(hidden));

/** The block that the text was made of. @param thinking what stands beside it; undefined where the text is none of ours */
export const uncarry = (
  text: unknown,
  thinking: string,
): ThinkingBlock | RedactedThinkingBlock | undefined => {
  if (typeof text !== "string") return undefined;
  if (text.startsWith(signed)) {
    const signature = text.slice(signed.length);
    if (signature !== "") return { type: "thinking", thinking, signature };
    // Words alone, which some providers take back.
    return thinking === "" ? undefined : { type: "thinking", thinking };
  }
  if (text.startsWith(hidden)) return { type: "redacted_thinking", data: text.slice(hidden.length) };
  return undefined;
};
