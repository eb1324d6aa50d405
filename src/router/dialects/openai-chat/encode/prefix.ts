/** A conversation that ends with the assistant: how each provider is told to go on with what was begun, instead of answering it. */
import type { Quirks } from "../../../../config/types.ts";
import type { ChatRequest } from "../../../../protocol/openai-chat.ts";

/**
 * Marks the last message, which becomes another one, or the body. Mistral: `prefix` (docs.mistral.ai, api, AssistantMessage); Kimi: `partial` (platform.moonshot.ai/docs, partial
 * mode); vLLM and SGLang: `continue_final_message`, which excludes a generation prompt (docs.vllm.ai, chat API, extra parameters).
 * @param body is changed
 */
export const markPrefix = (body: ChatRequest, { prefix }: Pick<Quirks, "prefix">): void => {
  const last = body.messages.at(-1);
  if (last?.role !== "assistant" || (last.tool_calls ?? []).length > 0) return;
  const mark = (fields: object): void => {
    body.messages[body.messages.length - 1] = { ...last, ...fields };
  };
  if (prefix === "prefix") mark({ prefix: true });
  else if (prefix === "partial") mark({ partial: true });
  else if (prefix === "continue_final_message")
    Object.assign(body, { continue_final_message: true, add_generation_prompt: false });
};
