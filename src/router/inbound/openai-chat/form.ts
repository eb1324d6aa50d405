/** Clients of OpenAI's Chat Completions. */
import type { JsonObject } from "../../../shared/json.ts";
import { toStopReason } from "../../dialects/openai-chat/stop-reason.ts";
import { toUsage } from "../../dialects/openai-chat/usage.ts";
import type { ChatAnswer } from "../../../protocol/openai-chat.ts";
import { speaksSame, type ClientForm } from "../client-form.ts";
import { openAiErrorAnswer } from "../shared/errors.ts";
import { forAnthropic } from "../shared/for-anthropic.ts";
import { passesBytes } from "../shared/native.ts";
import { chatCompletion } from "./completion.ts";
import type { DecodedChat } from "./decode.ts";
import { nativeChatRequest, withOtherFields } from "./native.ts";
import { chatErrorEvent, ChatStreamSink } from "./stream-sink.ts";
import { ChatTap } from "./tap.ts";

/** @param body the request, parsed; @param decoded the same, understood */
export const chatForm = (body: JsonObject, decoded: Omit<DecodedChat, "request" | "beyond">): ClientForm => {
  const form: ClientForm = {
    name: "openai-chat",
    // A comment: clients skip it, and the connection is seen to live.
    ping: ": ping\n\n",
    encode(dialect, request, context) {
      if (dialect.name === "anthropic") return dialect.encode(forAnthropic(request, context), context);
      if (!speaksSame(form, dialect) || context.rawBody === undefined)
        return dialect.encode(request, context);
      return passesBytes(context) && context.dropReasoning !== true
        ? nativeChatRequest(body, request, context)
        : withOtherFields(dialect.encode(request, context), body, context);
    },
    tap: (dialect, context) =>
      speaksSame(form, dialect) && context.rawBody !== undefined && passesBytes(context)
        ? new ChatTap(!decoded.includeUsage)
        : undefined,
    passes(dialect, context, json) {
      if (form.tap(dialect, context) === undefined) return undefined;
      const { choices, usage, error } = json as ChatAnswer;
      const choice = Array.isArray(choices) ? choices[0] : undefined;
      if (typeof choice?.message !== "object" || (error !== undefined && error !== null)) return undefined;
      const emitted = { tools: choice.finish_reason === "tool_calls", refusal: false };
      return {
        usage: typeof usage === "object" && usage !== null ? toUsage(usage) : undefined,
        stopReason: toStopReason(choice.finish_reason ?? undefined, emitted),
      };
    },
    streamWriter: (model, redact) =>
      new ChatStreamSink({ model, redact, includeUsage: decoded.includeUsage, tools: decoded.tools }),
    message: (message) => JSON.stringify(chatCompletion(message, decoded.tools)),
    errorEvent: chatErrorEvent,
    errorAnswer: openAiErrorAnswer,
  };
  return form;
};
