/** The client's user, for providers that limit the field. */
import { createHash } from "node:crypto";
import type { MessagesRequest } from "../../../protocol/anthropic.ts";

/**
 * The client's user id names device, account and session and is longer than OpenAI's 64 characters: a longer one is sent as its hash, which still
 * tells one user from another, and tells no more than that.
 */
export const userId = (request: MessagesRequest, length: number): string | undefined => {
  const id = request.metadata?.user_id;
  if (typeof id !== "string" || id === "" || length === 0) return undefined;
  return id.length <= length ? id : createHash("sha256").update(id).digest("hex").slice(0, length);
};
