/**
 * Thinking and its signatures on their way through a client of Google's protocol. Such a client sends the `thoughtSignature` of a part back with the part
 * (ai.google.dev/gemini-api/docs/thought-signatures); thoughts themselves it may drop, as Gemini CLI 0.61.0 does. So the thinking of another provider travels
 * whole in the signature of the part that follows it. The field is base64, which some SDKs decode and write anew: what is put there is base64 too.
 */
import type { RedactedThinkingBlock, ThinkingBlock } from "../../../protocol/anthropic.ts";
import { isJsonObject, parseJsonObject } from "../../../shared/json.ts";
import { originMark } from "../shared/marked-field.ts";
import type { Origin } from "../../dialects/shared/origin.ts";

export type Thought = ThinkingBlock | RedactedThinkingBlock;

const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** A length that three divides: the base64 of what follows does not change the beginning. */
const prefix = "switchyard.thinking::";
const begin = base64(prefix);

export const carryThoughts = (thoughts: readonly Thought[]): string =>
  base64(prefix + JSON.stringify({ thoughts }));

/** The thinking that a signature carries; undefined where it is none of the router's. */
export const carriedThoughts = (signature: unknown): Thought[] | undefined => {
  if (typeof signature !== "string" || !signature.startsWith(begin)) return undefined;
  const json = Buffer.from(signature, "base64").toString("utf8").slice(prefix.length);
  const thoughts = parseJsonObject(json)?.["thoughts"];
  return Array.isArray(thoughts) ? (thoughts as unknown[]).filter(isThought) : [];
};

const isThought = (value: unknown): value is Thought => {
  if (!isJsonObject(value)) return false;
  const { type, thinking, signature, data } = value;
  return type === "thinking"
    ? typeof thinking === "string" && (signature === undefined || typeof signature === "string")
    : type === "redacted_thinking" && typeof data === "string";
};

/** What is put before a provider's own signature, whose bytes pass: its origin alone gets it back. The mark's 33 bytes leave the base64 behind it as it is. */
export const signatureMark = (origin: Origin): string => base64(originMark(origin));

const anyMark = base64("switchyard.from:".slice(0, 15));
export const isMarked = (signature: unknown): boolean =>
  typeof signature === "string" && signature.startsWith(anyMark);
