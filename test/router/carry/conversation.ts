/** A conversation as the client keeps it and sends it, whole, with every turn. */
import type { ContentBlock, Message, MessagesRequest, Tool } from "../../../src/protocol/anthropic.ts";

const tools: Tool[] = [
  {
    name: "Read",
    description: "Reads a file",
    input_schema: {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      properties: {
        file_path: { type: "string", format: "path" },
        limit: { anyOf: [{ type: "integer", exclusiveMinimum: 0 }, { type: "null" }] },
        mode: { const: "text" },
      },
      required: ["file_path"],
      additionalProperties: false,
    },
  },
  {
    name: "Bash",
    input_schema: { type: "object", properties: { command: { type: "string" } }, required: ["command"] },
    cache_control: { type: "ephemeral" },
  },
  { name: "Cron", defer_loading: true, input_schema: { type: "object", properties: {} } },
];

const png =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const image = { type: "image", source: { type: "base64", media_type: "image/png", data: png } } as const;
const marker = { type: "ephemeral" };

/**
 * What changes from turn to turn without being said: today's client marks the end of what it sends, and sends the same messages without the
 * marker, and single blocks as plain strings, in the next turn. The billing line is new each time.
 */
export class Conversation {
  readonly messages: Message[] = [];
  readonly #thinking: NonNullable<MessagesRequest["thinking"]>;
  #turn = 0;

  constructor(thinking: NonNullable<MessagesRequest["thinking"]> = { type: "enabled", budget_tokens: 2000 }) {
    this.#thinking = thinking;
    this.messages.push(
      { role: "user", content: [{ type: "text", text: "What is on this picture?" }, image] },
      { role: "system", content: "# Environment: a workspace" },
    );
  }

  request(): MessagesRequest {
    this.#turn++;
    return {
      model: "claude-sonnet-4-5",
      max_tokens: 8000,
      system: [
        { type: "text", text: `x-anthropic-billing-header: cch=${this.#turn};` },
        { type: "text", text: "You help.", cache_control: marker },
        { type: "text", text: "Be brief.", cache_control: marker },
      ],
      messages: this.messages.map((message, i) =>
        i === this.messages.length - 1 ? marked(message) : message,
      ),
      tools,
      thinking: this.#thinking,
      context_management: { edits: [] },
      metadata: { user_id: "u".repeat(150) },
      stream: false,
    };
  }

  /** The model's answer, and what the client says to it: a result for each call, or the next question. */
  answered(content: ContentBlock[]): void {
    this.messages.push({ role: "assistant", content });
    const calls = content.filter((block) => block.type === "tool_use");
    this.messages.push({ role: "user", content: calls.map((call, i) => this.#result(call.id, i)) });
  }

  said(text: string): void {
    this.messages.push({ role: "user", content: text });
  }

  /** A word of the client's own behind what the user said, as its reminders are. */
  noted(content: string): void {
    this.messages.push({ role: "system", content });
  }

  #result(id: string, i: number): ContentBlock {
    if (i === 0)
      return { type: "tool_result", tool_use_id: id, content: [{ type: "text", text: "seen" }, image] };
    return { type: "tool_result", tool_use_id: id, content: "no such command", is_error: true };
  }
}

const marked = (message: Message): Message => {
  const content: ContentBlock[] =
    typeof message.content === "string" ? [{ type: "text", text: message.content }] : message.content;
  return {
    ...message,
    content: content.map((block, i) =>
      i === content.length - 1 ? ({ ...block, cache_control: marker } as ContentBlock) : block,
    ),
  };
};
