/** Clients of OpenAI Responses, the Codex CLI above all. */
import type { ResponsesAnswer } from "../../../protocol/openai-responses.ts";
import type { JsonObject } from "../../../shared/json.ts";
import { toUsage } from "../../dialects/openai-responses/usage.ts";
import { speaksSame, type ClientForm } from "../client-form.ts";
import { openAiErrorAnswer } from "../shared/errors.ts";
import { forAnthropic } from "../shared/for-anthropic.ts";
import { passesBytes } from "../shared/native.ts";
import type { DecodedResponses } from "./decode.ts";
import { nativeResponsesRequest } from "./native.ts";
import { markSealed } from "./sealed-items.ts";
import { wholeResponse } from "./response.ts";
import { failedEvent, ResponsesStreamSink } from "./stream-sink.ts";
import { ResponsesTap } from "./tap.ts";

/** @param body the request, parsed; @param decoded the same, understood */
export const responsesForm = (body: JsonObject, { tools }: Pick<DecodedResponses, "tools">): ClientForm => {
  const form: ClientForm = {
    name: "openai-responses",
    // A comment: clients skip it, and the connection is seen to live.
    ping: ": ping\n\n",
    encode(dialect, request, context) {
      if (dialect.name === "anthropic") return dialect.encode(forAnthropic(request, context), context);
      return form.tap(dialect, context) === undefined
        ? dialect.encode(request, context)
        : nativeResponsesRequest(body, request, context);
    },
    tap: (dialect, context) =>
      speaksSame(form, dialect) && context.rawBody !== undefined && passesBytes(context)
        ? new ResponsesTap(context, body)
        : undefined,
    passes(dialect, context, json) {
      const { status, output, usage } = json as ResponsesAnswer;
      const isAnswer = Array.isArray(output) && status !== "failed";
      if (!isAnswer || form.tap(dialect, context) === undefined) return undefined;
      return {
        usage: typeof usage === "object" && usage !== null ? toUsage(usage, 0) : undefined,
        stopReason: status === "incomplete" ? "max_tokens" : "end_turn",
      };
    },
    passed: markSealed,
    streamWriter: (model, redact) => new ResponsesStreamSink({ model, redact, request: body, tools }),
    message: (message) => JSON.stringify(wholeResponse(body, message, tools)),
    errorEvent: (failure) => failedEvent(body, failure),
    errorAnswer: openAiErrorAnswer,
  };
  return form;
};
