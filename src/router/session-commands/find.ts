/**
 * `/router …` that a user types in Claude Code (the command that is seeded there, src/fuse/router-command.ts). The client (2.1.329) sends a typed command as two blocks
 * of one user message: its name, and the command's text. Both must be there, whole: what a repository says (files, CLAUDE.md, results of tools) comes inside of other
 * blocks, and what an agent was told is no user's word.
 */
import type { IncomingHttpHeaders } from "node:http";
import type { MessagesRequest } from "../../protocol/anthropic.ts";

const name = /^\s*(?:<command-message>router<\/command-message>\s*)?<command-name>\/router<\/command-name>/;
const args = /<command-args>([^<]*)<\/command-args>/;
const text = /^\s*<switchyard-router>([^<>]{0,200})<\/switchyard-router>\s*$/;

/** The command's words; undefined: the message is none. */
export const sessionCommandOf = (
  { messages }: Pick<MessagesRequest, "messages">,
  headers: IncomingHttpHeaders,
): readonly string[] | undefined => {
  if (headers["x-claude-code-agent-id"] !== undefined) return undefined;
  const last = messages.findLast(({ role }) => role === "user");
  const block = typeof last?.content === "string" ? undefined : last?.content.at(-1);
  // Nearly every request ends here.
  if (block?.type !== "text" || typeof last?.content === "string") return undefined;
  const words = text.exec(block.text)?.[1];
  const before = last?.content.at(-2);
  if (words === undefined || before?.type !== "text" || !name.test(before.text)) return undefined;
  // A repository may have a command of that name, too: it says nothing that was not typed.
  if ((args.exec(before.text)?.[1] ?? "").trim() !== words.trim()) return undefined;
  return words.split(/\s+/).filter((word) => word !== "");
};
