/** Items of an answer, as they stand in a whole one and at the end of a stream. */
import { randomBytes } from "node:crypto";
import { parseJsonObject } from "../../../shared/json.ts";
import { carryHidden, carrySignature } from "../shared/carried-reasoning.ts";
import type { UrlCitation } from "../shared/citations.ts";
import { argumentsOf, customText, type ClientTools } from "../shared/tools.ts";

export type Item = { type: string; id: string; [field: string]: unknown };

/** Ids that the router makes can be told from a provider's: no provider has stored such an item. */
export const itemId = (prefix: string): string => `${prefix}_sy${randomBytes(23).toString("hex")}`;
export const isOwnId = (id: unknown): boolean => typeof id === "string" && /^[a-z]+_sy[0-9a-f]{46}$/.test(id);

export const textPart = (text: string, annotations: readonly UrlCitation[] = []): object => ({
  type: "output_text",
  text,
  annotations,
  logprobs: [],
});

export const messageItem = (
  id: string,
  text: string | undefined,
  annotations: readonly UrlCitation[] = [],
): Item => ({
  id,
  type: "message",
  status: text === undefined ? "in_progress" : "completed",
  role: "assistant",
  content: text === undefined ? [] : [textPart(text, annotations)],
});

export const summaryPart = (text: string): object => ({ type: "summary_text", text });

/**
 * Thinking and its signature, with `include: ["reasoning.encrypted_content"]` or without: it costs nothing, and loses nothing.
 * @param signature empty where the thinking has none; undefined while it is under way
 */
export const reasoningItem = (id: string, thinking: string, signature: string | undefined): Item => ({
  id,
  type: "reasoning",
  summary: thinking === "" ? [] : [summaryPart(thinking)],
  encrypted_content: signature === undefined ? null : carrySignature(signature),
});

export const hiddenReasoningItem = (data: string): Item => ({
  id: itemId("rs"),
  type: "reasoning",
  summary: [],
  encrypted_content: carryHidden(data),
});

/** A call under the name that the client knows. @param json its arguments so far; undefined while it is under way */
export const callItem = (
  id: string,
  call: { id: string; name: string },
  json: string | undefined,
  tools: ClientTools,
): Item => {
  const tool = tools.get(call.name);
  const head = {
    id,
    status: json === undefined ? "in_progress" : "completed",
    call_id: call.id,
    name: tool?.name ?? call.name,
    ...(tool?.namespace !== undefined && { namespace: tool.namespace }),
  };
  if (tool?.custom === true)
    return { ...head, type: "custom_tool_call", input: json === undefined ? "" : customText(json) };
  return { ...head, type: "function_call", arguments: json === undefined ? "" : argumentsOf(json) };
};

/** A search of the provider's own. @param json the arguments of its call */
export const searchItem = (id: string, json: string, status: "in_progress" | "completed"): Item => {
  const query = parseJsonObject(json)?.["query"];
  return {
    id,
    type: "web_search_call",
    status,
    action: { type: "search", query: typeof query === "string" ? query : "" },
  };
};
