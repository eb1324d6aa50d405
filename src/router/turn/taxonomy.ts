/** What follows from a failure before the client has seen anything: the one table that decides it. */
import type { UpstreamFailure } from "../dialects/dialect.ts";

export type Next =
  /** Another key of the same provider may do; then the next target. */
  | "next-key"
  /** The next target of the route. */
  | "next-target"
  /** The request itself is at fault: no target would take it. */
  | "give-back";

const table: Readonly<Record<number, Next>> = {
  400: "give-back",
  401: "next-key",
  402: "next-key",
  403: "next-key",
  // The model or the path is unknown there.
  404: "next-target",
  405: "next-target",
  408: "next-target",
  409: "next-target",
  413: "give-back",
  422: "give-back",
  425: "next-target",
  429: "next-key",
};

/** @param status of the failure, as the client would see it */
export const nextAfter = (status: number): Next =>
  table[status] ?? (status >= 500 ? "next-target" : "give-back");

/** Failures that a status alone does not tell. */
export type FailureKind =
  /** Signatures or encrypted reasoning of earlier turns cannot be verified: the same target takes the request without them. */
  "reasoning-rejected";

/**
 * Words of the providers, found in reports of their users: Anthropic's "Invalid `signature` in `thinking` block" (`data` of redacted_thinking),
 * OpenAI's "The encrypted content … could not be verified", Google's "Corrupted thought signature", "Thought signature is not valid" and
 * "Invalid thought signature". Gateways quote them with a status of their own, so no status is asked for.
 */
const reasoningRejected = new RegExp(
  [
    "invalid [`'\"]?(?:signature|data)[`'\"]? in [`'\"]?(?:redacted_)?thinking",
    "encrypted[ _]content\\b.{0,200}could not be (?:verified|decrypted)|invalid_encrypted_content",
    "(?:corrupted|invalid) thought[ _]?signature|thought[ _]?signature is (?:not valid|invalid)",
  ].join("|"),
  "is",
);

/** Undefined for all that its status tells. */
export const kindOf = ({ message }: Pick<UpstreamFailure, "message">): FailureKind | undefined =>
  reasoningRejected.test(message) ? "reasoning-rejected" : undefined;
