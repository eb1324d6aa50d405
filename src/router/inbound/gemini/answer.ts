/** What a whole answer in Google's form and the chunks of a stream have in common. */
import { randomBytes } from "node:crypto";
import type { StopReason, Usage } from "../../../protocol/anthropic.ts";
import type { GeminiGroundingMetadata } from "../../../protocol/gemini.ts";
import { callInput } from "../shared/tools.ts";
import { countsOf } from "../shared/usage.ts";
import { carryThoughts, type Thought } from "./carry.ts";

export const responseId = (): string => randomBytes(15).toString("base64url");

/** Anthropic's reasons as Google's. A call ends with STOP there, too. */
export const finishReasonOf = (stop: StopReason | null): string => {
  switch (stop) {
    case "max_tokens":
    case "model_context_window_exceeded":
      return "MAX_TOKENS";
    case "refusal":
      return "SAFETY";
    default:
      return "STOP";
  }
};

/** Thoughts stand beside what was said there, and what was read from the cache is part of the prompt. */
export const geminiUsageOf = (usage: Usage): object => {
  const { input, output, cached, reasoning } = countsOf(usage);
  return {
    promptTokenCount: input,
    candidatesTokenCount: Math.max(0, output - reasoning),
    totalTokenCount: input + output,
    ...(cached > 0 && { cachedContentTokenCount: cached }),
    ...(reasoning > 0 && { thoughtsTokenCount: Math.min(reasoning, output) }),
  };
};

/** A call as a part. @param json its arguments; @param signature of the thinking before it */
export const callPart = (
  call: { id: string; name: string },
  json: string,
  signature: string | undefined,
): object => ({
  functionCall: { id: call.id, name: call.name, args: callInput(json) },
  ...(signature !== undefined && { thoughtSignature: signature }),
});

/** The last part, which may be needed for a signature alone. SDKs of Google's take an answer without any part for a broken one. */
export const lastPart = (signature: string | undefined): object => ({
  text: "",
  ...(signature !== undefined && { thoughtSignature: signature }),
});

export const candidateOf = (
  parts: readonly object[],
  stop: StopReason | null,
  grounding: GeminiGroundingMetadata | undefined,
): object => ({
  content: { parts, role: "model" },
  finishReason: finishReasonOf(stop),
  index: 0,
  ...(grounding !== undefined && { groundingMetadata: grounding }),
});

/** Thinking that waits for the part that is to carry it. */
export class WaitingThoughts {
  readonly #waiting: Thought[] = [];
  #words: string[] = [];

  add(delta: string): void {
    this.#words.push(delta);
  }

  /** The thinking ends. @param signature undefined where it has none */
  end(signature?: string): void {
    const thinking = this.#words.join("");
    this.#words = [];
    if (thinking !== "" || signature !== undefined)
      this.#waiting.push({ type: "thinking", thinking, ...(signature !== undefined && { signature }) });
  }

  hidden(data: string): void {
    this.end();
    this.#waiting.push({ type: "redacted_thinking", data });
  }

  /** The signature of the part that comes next; undefined where nothing waits. */
  take(): string | undefined {
    if (this.#words.length > 0) this.end();
    return this.#waiting.length === 0 ? undefined : carryThoughts(this.#waiting.splice(0));
  }
}
