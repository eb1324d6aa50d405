/**
 * Google's thought signatures on their way through the client. A signature belongs to a part and must come back on it
 * (ai.google.dev/gemini-api/docs/thought-signatures); the client keeps only those of thinking blocks. So each travels in the envelope of a
 * thinking block that stands before the part (of an empty one, where the model showed no thoughts), with a word that says which part it was.
 */
import type { GeminiPart } from "../../../protocol/gemini.ts";

/** Details of the envelope. */
export type SignatureDetail =
  /** Of the thoughts in the block itself; of the next function call; of the text before the block. */
  | { type: "google.signature"; on: "thought" | "call" | "text"; signature: string }
  /** A whole part, which has no form of its own in the hub and goes back as it came: calls of Google's own tools and their results. */
  | { type: "google.part"; part: GeminiPart };

/** The word that Google documents for calls that another model made, or whose signature is lost. */
export const skipValidation = "skip_thought_signature_validator";

export const isSignatureDetail = (
  detail: Record<string, unknown>,
): detail is Record<string, unknown> & SignatureDetail =>
  (detail["type"] === "google.signature" && typeof detail["signature"] === "string") ||
  (detail["type"] === "google.part" && typeof detail["part"] === "object" && detail["part"] !== null);
