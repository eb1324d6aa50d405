/** Names of tools for providers that limit them: MCP servers make longer ones than most take. */
import type { MessagesRequest } from "../../../protocol/anthropic.ts";
import { digestOf } from "./origin.ts";

/** Of OpenAI, in both of its forms, and of most that speak them (developers.openai.com, function calling). */
export const nameLength = 64;

const fitting = /^[A-Za-z0-9_-]+$/;

/** The name as the provider takes it: its beginning and a digest of the whole, the same in tools, choice and history, and in every turn. */
export const toProviderToolName = (name: string, length: number): string => {
  // A call without a name comes from a broken history; an empty name would be refused with the whole conversation.
  if (name.trim() === "") return "unknown";
  if (name.length <= length && fitting.test(name)) return name;
  const start = name.replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(0, length - 9);
  return `${start}_${digestOf(name, 8)}`;
};

/**
 * The client's names for the provider's, for those that had to be changed.
 * @param request what was asked; without it no name can be restored
 */
export const clientToolNames = (
  request: MessagesRequest | undefined,
  length: number,
): ReadonlyMap<string, string> => {
  const names = new Map<string, string>();
  for (const { name } of request?.tools ?? []) {
    if (typeof name !== "string") continue;
    const changed = toProviderToolName(name, length);
    if (changed !== name) names.set(changed, name);
  }
  return names;
};
