/** Clients of Google's Gemini API: its SDKs and Gemini CLI. */
import type { GeminiAnswer } from "../../../protocol/gemini.ts";
import { isJsonObject, type JsonObject } from "../../../shared/json.ts";
import { candidateOf } from "../../dialects/gemini/answer.ts";
import { failureOfFinish, toStopReason } from "../../dialects/gemini/stop-reason.ts";
import { saysSomething, toUsage } from "../../dialects/gemini/usage.ts";
import { speaksSame, type ClientForm } from "../client-form.ts";
import { forAnthropic } from "../shared/for-anthropic.ts";
import { markField } from "../shared/marked-field.ts";
import { passesBytes } from "../shared/native.ts";
import { signatureMark } from "./carry.ts";
import type { DecodedGemini } from "./decode.ts";
import { geminiErrorAnswer, geminiErrorBody } from "./errors.ts";
import { arrayFraming, eventFraming } from "./framing.ts";
import { nativeGeminiRequest, withOtherFields } from "./native.ts";
import { wholeAnswer } from "./response.ts";
import { GeminiStreamSink } from "./stream-sink.ts";
import { GeminiTap } from "./tap.ts";

export interface GeminiFormOptions extends Pick<DecodedGemini, "showThoughts"> {
  /** The client wants its stream as one JSON array. */
  readonly array: boolean;
}

/** @param body the request, parsed */
export const geminiForm = (body: JsonObject, { showThoughts, array }: GeminiFormOptions): ClientForm => {
  const framing = array ? arrayFraming() : eventFraming();
  const form: ClientForm = {
    name: "gemini",
    ping: framing.ping,
    streamType: framing.type,
    encode(dialect, request, context) {
      if (dialect.name === "anthropic") return dialect.encode(forAnthropic(request, context), context);
      if (!speaksSame(form, dialect) || context.rawBody === undefined)
        return dialect.encode(request, context);
      return passesBytes(context)
        ? nativeGeminiRequest(body, request, context)
        : withOtherFields(dialect.encode(request, context), body, context);
    },
    tap: (dialect, context) =>
      speaksSame(form, dialect) && context.rawBody !== undefined && passesBytes(context)
        ? new GeminiTap(context, array ? framing : undefined)
        : undefined,
    passes(dialect, context, json) {
      if (form.tap(dialect, context) === undefined) return undefined;
      const { promptFeedback, usageMetadata: usage, error } = json as GeminiAnswer;
      const candidate = candidateOf(json);
      const finish = candidate?.finishReason ?? undefined;
      const parts = candidate?.content?.parts ?? [];
      const blocked = typeof promptFeedback?.blockReason === "string";
      if ((error !== undefined && error !== null) || (finish === undefined && !blocked)) return undefined;
      // It is decoded as the failure that it is.
      if (finish !== undefined && failureOfFinish(finish, undefined, parts.length === 0)) return undefined;
      return {
        usage: saysSomething(usage) ? toUsage(usage) : undefined,
        stopReason: blocked
          ? "refusal"
          : toStopReason(
              finish,
              parts.some((part) => isJsonObject(part?.functionCall)),
            ),
      };
    },
    passed: (bytes, context) => markField(bytes, "thoughtSignature", signatureMark(context)),
    streamWriter: (model, redact) => new GeminiStreamSink({ model, redact, showThoughts, framing }),
    message: (message) => JSON.stringify(wholeAnswer(message, showThoughts)),
    errorEvent: (failure) => framing.item(geminiErrorBody(failure)) + framing.end(),
    errorAnswer: geminiErrorAnswer,
  };
  return form;
};
