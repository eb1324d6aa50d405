/** The response object: head and end of a stream, and the whole answer. */
import type { ContentBlock, MessageResponse, StopReason, Usage } from "../../../protocol/anthropic.ts";
import { isJsonObject, type JsonObject } from "../../../shared/json.ts";
import type { UpstreamFailure } from "../../dialects/dialect.ts";
import { urlCitation, type UrlCitation } from "../shared/citations.ts";
import { openAiError } from "../shared/errors.ts";
import type { ClientTools } from "../shared/tools.ts";
import { countsOf } from "../shared/usage.ts";
import {
  callItem,
  hiddenReasoningItem,
  itemId,
  messageItem,
  reasoningItem,
  searchItem,
  type Item,
} from "./items.ts";

/** Fields of the request that the answer repeats, with their defaults. */
const repeated: Readonly<Record<string, unknown>> = {
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  parallel_tool_calls: true,
  previous_response_id: null,
  prompt_cache_key: null,
  reasoning: { effort: null, summary: null },
  safety_identifier: null,
  service_tier: "default",
  temperature: 1,
  text: { format: { type: "text" } },
  tool_choice: "auto",
  tools: [],
  top_p: 1,
  truncation: "disabled",
  user: null,
};

export interface ResponseHead {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

export const newHead = (model: string): ResponseHead => ({
  id: itemId("resp"),
  created: Math.floor(Date.now() / 1000),
  model,
});

interface State {
  status: string;
  output: readonly Item[];
  error?: object;
  incomplete?: { reason: string };
  usage?: object;
}

/** @param request the client's, parsed */
export const responseObject = (request: JsonObject, head: ResponseHead, state: State): object => ({
  id: head.id,
  object: "response",
  created_at: head.created,
  status: state.status,
  background: false,
  error: state.error ?? null,
  incomplete_details: state.incomplete ?? null,
  model: head.model,
  output: state.output,
  store: false,
  usage: state.usage ?? null,
  ...Object.fromEntries(Object.entries(repeated).map(([field, usual]) => [field, request[field] ?? usual])),
});

export const responsesUsageOf = (usage: Usage): object => {
  const counts = countsOf(usage);
  return {
    input_tokens: counts.input,
    input_tokens_details: {
      cached_tokens: counts.cached,
      ...(counts.written > 0 && { cache_write_tokens: counts.written }),
    },
    output_tokens: counts.output,
    output_tokens_details: { reasoning_tokens: counts.reasoning },
    total_tokens: counts.input + counts.output,
  };
};

/** How an answer ended: an end before its time is told by its reason. */
export const endOf = (stop: StopReason | null): { status: string; incomplete?: { reason: string } } => {
  switch (stop) {
    case "max_tokens":
    case "model_context_window_exceeded":
      return { status: "incomplete", incomplete: { reason: "max_output_tokens" } };
    case "refusal":
      return { status: "incomplete", incomplete: { reason: "content_filter" } };
    default:
      return { status: "completed" };
  }
};

/** Codex repeats or gives up by the code. */
export const errorOf = (failure: UpstreamFailure): object => {
  const { code, message } = openAiError(failure);
  return { code: code ?? "server_error", message };
};

/** A whole answer. */
export const wholeResponse = (request: JsonObject, message: MessageResponse, tools: ClientTools): object =>
  responseObject(request, newHead(message.model), {
    ...endOf(message.stop_reason),
    output: itemsOf(message.content, tools),
    usage: responsesUsageOf(message.usage),
  });

const itemsOf = (content: readonly ContentBlock[], tools: ClientTools): Item[] => {
  const items: Item[] = [];
  let text = "";
  let annotations: UrlCitation[] = [];
  // Blocks of text that follow each other are one message.
  const endMessage = (): void => {
    if (text !== "") items.push(messageItem(itemId("msg"), text, annotations));
    text = "";
    annotations = [];
  };
  for (const block of content) {
    if (block.type === "text") {
      const start = text.length;
      text += block.text;
      for (const citation of block.citations ?? []) {
        const found = urlCitation(citation, start, text.length);
        if (found !== undefined) annotations.push(found);
      }
      continue;
    }
    const item = itemOf(block, tools);
    if (item === undefined) continue;
    endMessage();
    items.push(item);
  }
  endMessage();
  return items;
};

const itemOf = (block: ContentBlock, tools: ClientTools): Item | undefined => {
  switch (block.type) {
    case "thinking":
      return reasoningItem(itemId("rs"), block.thinking, block.signature ?? "");
    case "redacted_thinking":
      return hiddenReasoningItem(block.data);
    case "tool_use":
      return callItem(
        itemId(tools.get(block.name)?.custom === true ? "ctc" : "fc"),
        block,
        JSON.stringify(block.input),
        tools,
      );
    case "server_tool_use":
      return block.name === "web_search" && isJsonObject(block.input)
        ? searchItem(itemId("ws"), JSON.stringify(block.input), "completed")
        : undefined;
    default:
      return undefined;
  }
};
