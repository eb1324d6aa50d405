/** Which conversation a request belongs to: what keeps it on the key whose prompt cache is warm. */
import type { IncomingHttpHeaders } from "node:http";
import type { MessagesRequest } from "../../protocol/anthropic.ts";

const single = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header;

/**
 * The client's session, by its headers: Claude Code 2.1.x, Codex; older ones say it in `metadata.user_id`.
 * @returns undefined where the request does not tell
 */
export const sessionOf = (request: MessagesRequest, headers: IncomingHttpHeaders): string | undefined =>
  single(headers["x-claude-code-session-id"]) ??
  single(headers["session_id"]) ??
  single(headers["session-id"]) ??
  userOf(request);

/** The agent within the session; undefined: the main one. */
export const agentOf = (headers: IncomingHttpHeaders): string | undefined =>
  single(headers["x-claude-code-agent-id"]);

/**
 * The session's id, and the agent's where a subagent asks: its prompts are others, so it may go to another key.
 * @returns undefined where the request does not tell
 */
export const conversationOf = (
  request: MessagesRequest,
  headers: IncomingHttpHeaders,
): string | undefined => {
  const session = sessionOf(request, headers);
  if (session === undefined || session === "") return undefined;
  const agent = agentOf(headers);
  return agent === undefined ? session : `${session} ${agent}`;
};

const userOf = (request: MessagesRequest): string | undefined => {
  const user = request.metadata?.user_id;
  return typeof user === "string" ? user : undefined;
};
