/** Generated conversations as clients of the hub's form hold them. Every text, image and file is told by a number of its own. */
import fc from "fast-check";
import type { ContentBlock, Message, MessagesRequest } from "../../../src/protocol/anthropic.ts";

const unicode = fc.string({ unit: "binary", maxLength: 12 });
const input = fc
  .dictionary(fc.string({ unit: "binary", maxLength: 6 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 })
  .map((object) => JSON.parse(JSON.stringify(object)) as Record<string, unknown>);

const medium = fc.constantFrom("image", "pdf", "none", "none", "none");

const turn = fc.record({
  asked: fc.record({ text: unicode, medium, empty: fc.boolean(), note: fc.boolean() }),
  thinks: fc.constantFrom("no", "signed", "hidden"),
  says: fc.option(unicode, { nil: undefined }),
  calls: fc.array(
    fc.record({
      name: fc.constantFrom("Read", "Bash"),
      input,
      id: fc.constantFrom("toolu_", "call_", "functions.Bash:", "x".repeat(70)),
      result: fc.record({
        words: fc.constantFrom("none", "string", "blocks"),
        text: unicode,
        medium,
        failed: fc.boolean(),
      }),
    }),
    { maxLength: 3 },
  ),
});
type Turn = typeof turn extends fc.Arbitrary<infer Value> ? Value : never;

export interface Generated {
  request: MessagesRequest;
  /** Signatures and hidden thinking that Anthropic gave out. */
  issued: Set<string>;
}

class Builder {
  readonly messages: Message[] = [];
  readonly issued = new Set<string>();
  #count = 0;

  /** White space at the ends is not everywhere kept, and no part of what is meant. */
  #text(words: string): string {
    return `⟦${this.#count++}⟧${words}⟦end⟧`;
  }

  #medium(kind: string): ContentBlock[] {
    const data = Buffer.from(`medium ${this.#count++}`).toString("base64");
    if (kind === "image")
      return [{ type: "image", source: { type: "base64", media_type: "image/png", data } }];
    if (kind === "pdf")
      return [{ type: "document", source: { type: "base64", media_type: "application/pdf", data } }];
    return [];
  }

  #seal(): string {
    const value = Buffer.from(`sealed ${this.#count++}`).toString("base64");
    this.issued.add(value);
    return value;
  }

  add({ asked, thinks, says, calls }: Turn): void {
    const before = this.messages.at(-1);
    const said: ContentBlock[] = [
      ...(asked.empty ? [{ type: "text" as const, text: "" }] : []),
      { type: "text", text: this.#text(asked.text) },
      ...this.#medium(asked.medium),
    ];
    // Results and the next question stand in one message.
    if (before?.role === "user" && Array.isArray(before.content)) before.content.push(...said);
    else this.messages.push({ role: "user", content: said });
    if (asked.note) this.messages.push({ role: "system", content: this.#text("note") });
    const content: ContentBlock[] = [];
    if (thinks === "signed")
      content.push({ type: "thinking", thinking: this.#text("thought"), signature: this.#seal() });
    if (thinks === "hidden") content.push({ type: "redacted_thinking", data: this.#seal() });
    if (says !== undefined || calls.length === 0)
      content.push({ type: "text", text: this.#text(says ?? "") });
    const results: ContentBlock[] = [];
    for (const call of calls) {
      const id = `${call.id}${this.#count++}`;
      content.push({ type: "tool_use", id, name: call.name, input: call.input });
      const { words, text, failed, medium: kind } = call.result;
      const block = words === "none" ? [] : [{ type: "text" as const, text: this.#text(text) }];
      results.push({
        type: "tool_result",
        tool_use_id: id,
        content: words === "string" && kind === "none" ? block[0]!.text : [...block, ...this.#medium(kind)],
        ...(failed && { is_error: true }),
      });
    }
    this.messages.push({ role: "assistant", content });
    if (results.length > 0) this.messages.push({ role: "user", content: results });
  }
}

export const conversations: fc.Arbitrary<Generated> = fc
  .tuple(fc.array(turn, { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([turns, thinking]) => {
    const builder = new Builder();
    for (const one of turns) builder.add(one);
    const { messages, issued } = builder;
    if (messages.at(-1)?.role === "assistant") messages.push({ role: "user", content: "⟦last⟧" });
    const request: MessagesRequest = {
      model: "claude-sonnet-4-5",
      max_tokens: 8000,
      system: [{ type: "text", text: "⟦system⟧" }],
      messages,
      tools: ["Read", "Bash"].map((name) => ({ name, input_schema: { type: "object", properties: {} } })),
      ...(thinking && { thinking: { type: "enabled", budget_tokens: 2000 } }),
    };
    return { request, issued };
  });
