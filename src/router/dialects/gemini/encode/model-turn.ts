/** An assistant's turn as the parts of one `model` content. */
import type { ContentBlock, ToolUseBlock } from "../../../../protocol/anthropic.ts";
import type { GeminiPart } from "../../../../protocol/gemini.ts";
import { isJsonObject } from "../../../../shared/json.ts";
import { fromEnvelope } from "../../shared/reasoning-envelope.ts";
import { textOf } from "../../shared/text.ts";
import { isSignatureDetail, skipValidation } from "../signatures.ts";
import { toProviderName } from "../tool-names.ts";
import type { EncodeContext } from "./context.ts";
import { idOf, type OpenCall } from "./tool-results.ts";

export interface ModelTurn {
  parts: GeminiPart[];
  /** In order: each must be answered in the next turn. */
  calls: OpenCall[];
}

export const modelTurn = (blocks: readonly ContentBlock[], context: EncodeContext): ModelTurn => {
  const turn = new Turn(context);
  for (const block of blocks) turn.take(block);
  return turn.end();
};

class Turn {
  readonly #context: EncodeContext;
  readonly #parts: GeminiPart[] = [];
  readonly #calls: OpenCall[] = [];
  /** Signature of the call that follows. */
  #signature: string | undefined;
  /** Parts of Google's own tools went back as they came: blocks that tell the same are left out. */
  #ownTools = false;

  constructor(context: EncodeContext) {
    this.#context = context;
  }

  take(block: ContentBlock): void {
    switch (block.type) {
      case "text":
        if (block.text !== "") this.#parts.push({ text: block.text });
        break;
      case "thinking":
        this.#envelope(block.signature, block.thinking);
        break;
      case "tool_use":
        this.#call(block);
        break;
      case "redacted_thinking":
      case "server_tool_use":
        break;
      default: {
        const said = this.#ownTools ? "" : textOf(block);
        if (said !== "") this.#parts.push({ text: said });
      }
    }
  }

  end(): ModelTurn {
    const first = this.#parts.find((part) => part.functionCall !== undefined);
    // Only the first call of a turn is checked for a signature, and only by the third generation.
    if (first !== undefined && this.#context.third) first.thoughtSignature ??= skipValidation;
    return { parts: this.#parts, calls: this.#calls };
  }

  /** Thoughts of other models, and unsigned ones, are not sent: they would only cost. */
  #envelope(signature: string | undefined, thinking: string): void {
    let words = thinking;
    for (const detail of fromEnvelope(signature, thinking, this.#context.dialect)) {
      if (!isSignatureDetail(detail)) continue;
      if (detail.type === "google.part") {
        this.#parts.push(detail.part);
        this.#ownTools = true;
      } else if (detail.on === "call") this.#signature = detail.signature;
      else if (detail.on === "thought") {
        this.#parts.push({ text: words, thought: true, thoughtSignature: detail.signature });
        words = "";
      } else this.#parts.push({ text: "", thoughtSignature: detail.signature });
    }
  }

  #call(block: ToolUseBlock): void {
    // A call without a name comes from a broken history; an empty name would be refused with the whole conversation.
    const name = block.name.trim() || "unknown";
    const args = isJsonObject(block.input) ? block.input : {};
    const part: GeminiPart = {
      functionCall: { ...idOf(block.id, this.#context), name: toProviderName(name), args },
    };
    if (this.#signature !== undefined) part.thoughtSignature = this.#signature;
    this.#signature = undefined;
    this.#parts.push(part);
    this.#calls.push({ id: block.id, name });
  }
}
