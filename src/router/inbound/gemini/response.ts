/** A whole answer in Google's form (ai.google.dev/api/generate-content#GenerateContentResponse). */
import type { ContentBlock, MessageResponse } from "../../../protocol/anthropic.ts";
import { candidateOf, callPart, geminiUsageOf, lastPart, responseId, WaitingThoughts } from "./answer.ts";
import { GroundingNotes } from "./grounding.ts";

/** @param showThoughts the client asked for them; they are carried in any case */
export const wholeAnswer = (message: MessageResponse, showThoughts: boolean): object => {
  const said = new Said(showThoughts);
  for (const block of message.content) said.add(block);
  return {
    candidates: [candidateOf(said.parts(), message.stop_reason, said.notes.metadata)],
    usageMetadata: geminiUsageOf(message.usage),
    modelVersion: message.model,
    responseId: responseId(),
  };
};

class Said {
  readonly notes = new GroundingNotes();
  readonly #show: boolean;
  readonly #thoughts = new WaitingThoughts();
  readonly #parts: object[] = [];

  constructor(showThoughts: boolean) {
    this.#show = showThoughts;
  }

  add(block: ContentBlock): void {
    switch (block.type) {
      case "text":
        return this.#text(block.text, block.citations ?? []);
      case "thinking":
        if (this.#show && block.thinking !== "") this.#parts.push({ text: block.thinking, thought: true });
        this.#thoughts.add(block.thinking);
        return this.#thoughts.end(block.signature);
      case "redacted_thinking":
        return this.#thoughts.hidden(block.data);
      case "tool_use":
        this.#parts.push(callPart(block, JSON.stringify(block.input), this.#thoughts.take()));
        return undefined;
      case "server_tool_use":
        return this.notes.search(JSON.stringify(block.input));
      default: {
        const { type, content } = block as { type: string; content?: unknown };
        if (type === "web_search_tool_result") this.notes.found(content);
      }
    }
    return undefined;
  }

  parts(): object[] {
    const signature = this.#thoughts.take();
    return signature !== undefined || this.#parts.length === 0
      ? [...this.#parts, lastPart(signature)]
      : this.#parts;
  }

  #text(text: string, citations: readonly unknown[]): void {
    if (text === "") return;
    const signature = this.#thoughts.take();
    this.#parts.push({ text, ...(signature !== undefined && { thoughtSignature: signature }) });
    this.notes.begin();
    for (const citation of citations) this.notes.cite(citation);
    this.notes.text(text, true);
    this.notes.end();
  }
}
