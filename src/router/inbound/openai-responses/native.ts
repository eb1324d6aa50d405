/** A Responses request for a provider that speaks Responses itself. */
import type { MessagesRequest } from "../../../protocol/anthropic.ts";
import { isJsonObject, type JsonObject } from "../../../shared/json.ts";
import type { DialectContext, EncodedRequest } from "../../dialects/dialect.ts";
import { userId } from "../../dialects/shared/user-id.ts";
import { isCarried } from "../shared/carried-reasoning.ts";
import { isOwnId } from "./items.ts";
import { openSealed } from "./sealed-items.ts";
import { nativeBody, nativeRequest, outputLimit } from "../shared/native.ts";

/** @param body the client's, parsed; @param request the same in the hub's form, with thinking that the model id asked for */
export const nativeResponsesRequest = (
  body: JsonObject,
  request: MessagesRequest,
  context: DialectContext,
): EncodedRequest => {
  const { quirks } = context.provider;
  const changes: Record<string, unknown> = {};
  const limit = outputLimit(body["max_output_tokens"], context);
  if (limit !== undefined) changes["max_output_tokens"] = limit;
  const sent = inputFor(body, context);
  if (sent.changed !== undefined) changes["input"] = sent.changed;
  if (quirks.noParallelToolCalls === true) changes["parallel_tool_calls"] = undefined;
  if (typeof body["user"] === "string") changes["user"] = userId(request, quirks.userIdLength ?? 64);
  // The model id asked for thinking.
  if (request.thinking?.type === "enabled") {
    const asked = isJsonObject(body["reasoning"]) ? body["reasoning"] : {};
    changes["reasoning"] = { effort: "high", ...asked };
    changes["temperature"] = undefined;
    changes["top_p"] = undefined;
  }
  const passed = { ...context, rawBody: sent.rawBody };
  return nativeRequest("/responses", nativeBody(sent.body, changes, passed), context);
};

/** The conversation as this provider may have it: the client's bytes and what they say, and another list where the bytes cannot go out. */
const inputFor = (
  body: JsonObject,
  context: DialectContext,
): { body: JsonObject; rawBody: Buffer | undefined; changed?: readonly unknown[] } => {
  const asked: unknown = body["input"];
  if (!Array.isArray(asked)) return { body, rawBody: context.rawBody };
  const { rawBody, input, foreign } = openSealed(asked as unknown[], context.rawBody, context);
  const kept = context.dropReasoning === true ? input.filter((item) => !isReasoning(item)) : input;
  const others = withoutOwnItems(kept);
  const changed = others ?? (foreign || kept.length < input.length ? kept : undefined);
  return changed === undefined ? { body: { ...body, input }, rawBody } : { body, rawBody, changed };
};

/** Reasoning goes back encrypted or not at all: no provider is sure to have an item stored. */
const isReasoning = (item: unknown): boolean => isJsonObject(item) && item["type"] === "reasoning";

/**
 * Items that the router made of another provider's answer: this one could read neither their reasoning nor the searches, and would look for the ids of
 * the others. Undefined where there is none.
 */
const withoutOwnItems = (input: readonly unknown[]): unknown[] | undefined => {
  let changed = false;
  const out: unknown[] = [];
  for (const item of input) {
    if (!isJsonObject(item) || !(isCarried(item["encrypted_content"]) || isOwnId(item["id"]))) {
      out.push(item);
      continue;
    }
    changed = true;
    if (item["type"] === "reasoning" || item["type"] === "web_search_call") continue;
    const { id: _id, ...rest } = item;
    out.push(rest);
  }
  return changed ? out : undefined;
};
