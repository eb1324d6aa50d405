/**
 * Builds the hub's conversation from messages or items that come one by one. What Anthropic's form asks for is seen to here: turns alternate,
 * results of tools stand first in the user's turn right after their calls, each call has one result, and no text is empty
 * (platform.claude.com/docs, agents-and-tools/tool-use/implement-tool-use).
 */
import { createHash } from "node:crypto";
import type {
  ContentBlock,
  Message,
  TextBlock,
  ToolResultBlock,
  ToolUseBlock,
} from "../../../protocol/anthropic.ts";

interface Turn extends Message {
  content: ContentBlock[];
}

/** A call, under the client's id or, where that was used before, under one of its own. */
interface Call {
  readonly id: string;
  readonly turn: Turn;
  result?: ToolResultBlock;
}

/** From so many characters on a conversation is worth a cache marker: shorter ones are not cached by anyone. */
const worthCaching = 8000;

/**
 * A call's id as every provider takes it: letters, digits, `-` and `_`. Others are replaced, with a digest of the whole id behind them,
 * so that a call and its result meet in every turn, and no two ids become one.
 */
export const hubToolId = (id: string): string => {
  if (/^[A-Za-z0-9_-]+$/.test(id)) return id;
  const digest = createHash("sha256").update(id).digest("hex").slice(0, 8);
  return `${id.replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(0, 48)}_${digest}`;
};

export class Conversation {
  readonly #system: TextBlock[] = [];
  readonly #messages: Turn[] = [];
  /** Calls by the client's id: some providers count anew in every answer, and their clients keep those ids. */
  readonly #calls = new Map<string, Call[]>();
  readonly #ids = new Set<string>();

  /** Before the first turn it is the system prompt; later ones keep their place, which keeps the prefix of the conversation as it was. */
  system(blocks: readonly TextBlock[]): void {
    if (blocks.length === 0) return;
    if (this.#messages.length === 0) this.#system.push(...blocks);
    else this.#messages.push({ role: "system", content: [...blocks] });
  }

  user(blocks: readonly ContentBlock[]): void {
    this.#add("user", blocks);
  }

  assistant(blocks: readonly ContentBlock[]): void {
    const own = blocks.map((block) =>
      block.type === "tool_use" ? { ...block, id: this.#newId(block.id) } : block,
    );
    this.#add("assistant", own);
    for (const [i, block] of blocks.entries()) {
      if (block.type !== "tool_use") continue;
      const call: Call = { id: (own[i] as ToolUseBlock).id, turn: this.#messages.at(-1)! };
      const known = this.#calls.get(block.id);
      if (known === undefined) this.#calls.set(block.id, [call]);
      else known.push(call);
    }
  }

  /**
   * An id that no other call of the conversation has. It follows from what stands before alone, so that it is the same in every turn.
   */
  #newId(id: string): string {
    let own = id;
    for (let n = 2; this.#ids.has(own); n++) own = `${id}_${n}`;
    this.#ids.add(own);
    return own;
  }

  /** The result of a call. One without its call (it was stored elsewhere) can only be told in words. */
  result(id: string, content: string | ContentBlock[], isError = false): void {
    const call = this.#called(id);
    if (call === undefined) {
      const heading: TextBlock = { type: "text", text: `Result of the tool call ${id}:` };
      this.#add("user", [heading, ...(typeof content === "string" ? textBlocks(content) : content)]);
    } else if (call.result !== undefined) call.result.content = content;
    else this.#answer(call, content, isError);
  }

  /** Whom a result is for: of the last turn's calls of this id the first that has none, else the last. */
  #called(id: string): Call | undefined {
    const all = this.#calls.get(id);
    const last = all?.at(-1);
    return all?.find((call) => call.turn === last?.turn && call.result === undefined) ?? last;
  }

  #answer(call: Call, content: string | ContentBlock[], isError: boolean): void {
    call.result = {
      type: "tool_result",
      tool_use_id: call.id,
      content,
      ...(isError && { is_error: true }),
    };
    this.#place(call.turn, call.result);
  }

  #add(role: "user" | "assistant", blocks: readonly ContentBlock[]): void {
    if (blocks.length === 0) return;
    const last = this.#messages.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else this.#messages.push({ role, content: [...blocks] });
  }

  #place(turn: Turn, result: ToolResultBlock): void {
    const at = this.#messages.indexOf(turn) + 1;
    const next = this.#messages[at];
    if (next?.role === "user") {
      const others = next.content.findIndex((block) => block.type !== "tool_result");
      next.content.splice(others === -1 ? next.content.length : others, 0, result);
    } else this.#messages.splice(at, 0, { role: "user", content: [result] });
  }

  /** @param size of the request in characters, for cache markers. */
  finish(size: number): { system?: TextBlock[]; messages: Message[] } {
    this.#answerCalls();
    // A conversation needs a user's word; an empty one would be refused.
    if (!this.#messages.some((message) => message.role !== "system"))
      this.#messages.push({ role: "user", content: [{ type: "text", text: "Begin." }] });
    if (size >= worthCaching) this.#mark();
    return {
      ...(this.#system.length > 0 && { system: this.#system }),
      messages: this.#messages,
    };
  }

  /** A call that was never answered, with turns after it, is refused with the whole conversation. */
  #answerCalls(): void {
    const last = this.#messages.at(-1);
    for (const call of [...this.#calls.values()].flat())
      if (call.result === undefined && call.turn !== last)
        this.#answer(call, "No result was sent for this call.", true);
  }

  /**
   * OpenAI's clients know no cache markers, their providers cache by themselves. Anthropic's form caches what is marked only: the system prompt
   * and the conversation so far. Dialects without markers leave them out.
   */
  #mark(): void {
    const all = [...this.#system, ...this.#messages.flatMap((message) => message.content)];
    if (all.some((block) => "cache_control" in block)) return;
    const marker = { type: "ephemeral" };
    const system = this.#system.at(-1);
    if (system !== undefined) system.cache_control = marker;
    const last = this.#messages.findLast((message) => message.role === "user")?.content.at(-1);
    if (last !== undefined && last.type !== "thinking" && last.type !== "redacted_thinking")
      (last as { cache_control?: unknown }).cache_control = marker;
  }
}

/** A text as blocks: none where it is empty. */
export const textBlocks = (text: unknown): TextBlock[] =>
  typeof text === "string" && text !== "" ? [{ type: "text", text }] : [];
