/** Clients of the Messages API, Claude Code above all: the hub's own form. */
import type { MessagesRequest, Usage } from "../../protocol/anthropic.ts";
import { errorEvent, pingEvent, StreamSink } from "../sinks/stream-sink.ts";
import { speaksSame, type ClientForm } from "./client-form.ts";
import { notJudged as resultsWithout } from "./safeguards.ts";

export const anthropicForm: ClientForm = {
  name: "anthropic",
  ping: pingEvent,
  encode: (dialect, request, context) => dialect.encode(request, context),
  tap: (dialect, context) => (speaksSame(anthropicForm, dialect) ? dialect.tap?.(context) : undefined),
  passes(dialect, context, json) {
    if (anthropicForm.tap(dialect, context) === undefined || json["type"] !== "message") return undefined;
    const { usage, stop_reason: stopReason } = json as { usage?: Usage; stop_reason?: string };
    return { usage, stopReason };
  },
  streamWriter: (model, redact) => new StreamSink(model, redact),
  message: (message) => JSON.stringify(message),
  errorEvent,
  errorAnswer: (failure) => ({
    status: failure.status,
    body:
      failure.body ??
      JSON.stringify({
        type: "error",
        error: {
          type: failure.type,
          message: failure.message,
          ...(failure.details !== undefined && { details: failure.details }),
        },
      }),
  }),
};

/**
 * The form of one request's answer. It names the model that was asked for, as Anthropic's would, not the one that the provider names: Claude
 * Code that takes a session up again (2.1.329) leaves out the thinking of answers of another model than its own, and with it goes what Gemini,
 * OpenAI and others want back. A request that asked for a judgement of its calls is told where there is none.
 */
export const anthropicFormOf = (request: MessagesRequest): ClientForm => {
  const { model } = request;
  const notJudged = resultsWithout(request);
  return {
    ...anthropicForm,
    streamWriter: (_, redact) => new StreamSink(model, redact, { model, notJudged }),
    message: (message) =>
      JSON.stringify({ ...(notJudged && { safeguard_results: notJudged }), ...message, model }),
  };
};
