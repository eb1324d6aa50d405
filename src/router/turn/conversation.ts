/** Which conversation a request belongs to: what keeps it on the key whose prompt cache is warm. */
import type { IncomingHttpHeaders } from "node:http";
import type { MessagesRequest } from "../../protocol/anthropic.ts";

const single = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header;

/**
 * The session's id, and the agent's where a subagent asks: its prompts are others, so it may go to another key. Claude Code says both in headers
 * (2.1.x), older ones the session in `metadata.user_id`; Codex has a header `session_id`.
 * @returns undefined where the request does not tell
 */
export const conversationOf = (
  request: MessagesRequest,
  headers: IncomingHttpHeaders,
): string | undefined => {
  const session =
    single(headers["x-claude-code-session-id"]) ??
    single(headers["session_id"]) ??
    single(headers["session-id"]) ??
    userOf(request);
  if (session === undefined || session === "") return undefined;
  const agent = single(headers["x-claude-code-agent-id"]);
  return agent === undefined ? session : `${session} ${agent}`;
};

const userOf = (request: MessagesRequest): string | undefined => {
  const user = request.metadata?.user_id;
  return typeof user === "string" ? user : undefined;
};
