/** What a whole chat completion and the chunks of a stream have in common, and the whole one. */
import { randomBytes } from "node:crypto";
import type { ContentBlock, MessageResponse, StopReason, Usage } from "../../../protocol/anthropic.ts";
import { carrySignature } from "../shared/carried-reasoning.ts";
import { urlCitation, type UrlCitation } from "../shared/citations.ts";
import { customText, type ClientTools } from "../shared/tools.ts";
import { countsOf } from "../shared/usage.ts";

export const completionId = (): string => `chatcmpl-${randomBytes(14).toString("hex")}`;

/** Seconds since 1970. */
export const created = (): number => Math.floor(Date.now() / 1000);

/** Anthropic's reasons as OpenAI's. */
export const finishReasonOf = (stop: StopReason | null): string => {
  switch (stop) {
    case "max_tokens":
    case "model_context_window_exceeded":
      return "length";
    case "tool_use":
      return "tool_calls";
    case "refusal":
      return "content_filter";
    default:
      return "stop";
  }
};

export const chatUsageOf = (usage: Usage): object => {
  const counts = countsOf(usage);
  return {
    prompt_tokens: counts.input,
    completion_tokens: counts.output,
    total_tokens: counts.input + counts.output,
    prompt_tokens_details: {
      cached_tokens: counts.cached,
      ...(counts.written > 0 && { cache_write_tokens: counts.written }),
    },
    completion_tokens_details: { reasoning_tokens: counts.reasoning },
  };
};

/**
 * Reasoning with its signature, in the field in which OpenRouter's clients keep such: a client that sends its messages back as it got them brings
 * it back to the provider.
 */
export const reasoningDetail = (thinking: string, signature: string, index: number): object => ({
  type: "reasoning.text",
  text: thinking,
  signature: carrySignature(signature),
  format: "switchyard",
  index,
});

/** A call as the client is to have it. @param json its arguments */
export const chatCall = (
  call: { id: string; name: string },
  json: string,
  tools: ClientTools,
): { id: string; type: string; [callee: string]: unknown } =>
  tools.get(call.name)?.custom === true
    ? { id: call.id, type: "custom", custom: { name: call.name, input: customText(json) } }
    : { id: call.id, type: "function", function: { name: call.name, arguments: json } };

const annotationOf = (citation: UrlCitation): object => {
  const { type, ...rest } = citation;
  return { type, url_citation: rest };
};
export const chatAnnotation = (citation: unknown, start: number, end: number): object | undefined => {
  const found = urlCitation(citation, start, end);
  return found === undefined ? undefined : annotationOf(found);
};

/** A whole answer. */
export const chatCompletion = (message: MessageResponse, tools: ClientTools): object => {
  const said = new Said(tools);
  for (const block of message.content) said.add(block);
  return {
    id: completionId(),
    object: "chat.completion",
    created: created(),
    model: message.model,
    choices: [
      {
        index: 0,
        message: said.message(),
        logprobs: null,
        finish_reason: finishReasonOf(message.stop_reason),
      },
    ],
    usage: chatUsageOf(message.usage),
  };
};

class Said {
  readonly #tools: ClientTools;
  #text = "";
  #reasoning = "";
  readonly #details: object[] = [];
  readonly #calls: object[] = [];
  readonly #annotations: object[] = [];

  constructor(tools: ClientTools) {
    this.#tools = tools;
  }

  add(block: ContentBlock): void {
    switch (block.type) {
      case "text": {
        const start = this.#text.length;
        this.#text += block.text;
        for (const citation of block.citations ?? []) {
          const annotation = chatAnnotation(citation, start, this.#text.length);
          if (annotation !== undefined) this.#annotations.push(annotation);
        }
        break;
      }
      case "thinking":
        this.#reasoning += block.thinking;
        if (block.signature !== undefined && block.signature !== "")
          this.#details.push(reasoningDetail(block.thinking, block.signature, this.#details.length));
        break;
      case "tool_use":
        this.#calls.push(chatCall(block, JSON.stringify(block.input), this.#tools));
        break;
      default: // hidden thinking, a search of the provider's own: nothing that this form has a place for
    }
  }

  message(): object {
    return {
      role: "assistant",
      content: this.#text === "" ? null : this.#text,
      refusal: null,
      ...(this.#reasoning !== "" && { reasoning_content: this.#reasoning }),
      ...(this.#details.length > 0 && { reasoning_details: this.#details }),
      ...(this.#annotations.length > 0 && { annotations: this.#annotations }),
      ...(this.#calls.length > 0 && { tool_calls: this.#calls }),
    };
  }
}
