/** Cases of other gateways' tests and of vendors' documents, read in place through CASES. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Quirks } from "../../src/config/types.ts";
import type { ContentBlock, MessagesRequest } from "../../src/protocol/anthropic.ts";
import { SseParser } from "../../src/protocol/sse.ts";
import type { HttpDialect } from "../../src/router/dialects/dialect.ts";
import { gemini } from "../../src/router/dialects/gemini/index.ts";
import { parametersOf } from "../../src/router/dialects/gemini/encode/schema.ts";
import { openaiChat } from "../../src/router/dialects/openai-chat/index.ts";
import { openaiResponses } from "../../src/router/dialects/openai-responses/index.ts";
import { parseBody, validateMessagesRequest } from "../../src/router/endpoints/validate.ts";
import { MessageCollector } from "../../src/router/sinks/message-collector.ts";
import { SwitchyardError } from "../../src/shared/errors.ts";
import { type Case, failureOf, summaryOf } from "../support/case-operators.ts";
import { withFolder } from "../support/data-folders.ts";
import {
  decodeStreamed,
  decodeWhole,
  decodeWholeAsStream,
  dialectContext,
} from "../support/dialect-context.ts";
import { cutAt, everyByte } from "../support/rechunk.ts";
import { framesOf } from "../support/validate-anthropic-stream.ts";
import { proseChecks } from "./case-prose.ts";
import { disagreements } from "./disagreements.ts";
import { outwardDirections } from "./outward-cases.ts";

/** The quirks of the provider that a case is about, where it is about one. */
const quirksOf = (id: string): Quirks => {
  const name = id.split("/")[1] ?? "";
  if (name.startsWith("max-completion-tokens")) return { maxTokensField: "max_completion_tokens" };
  if (name === "effort-max") return { reasoning: "reasoning_effort", maxEffort: "xhigh" };
  if (/^(effort|thinking-budget|thinking-disabled)/.test(name)) return { reasoning: "reasoning_effort" };
  if (name === "thinking-to-reasoning-content-deepseek") return { sendReasoning: "reasoning_content" };
  if (/^tool-schema-(object|anyof)/.test(name)) return { requireToolProperties: true };
  return {};
};

const toRequest =
  (dialect: HttpDialect) =>
  ({ id, input }: Case): unknown => {
    const request = input as MessagesRequest;
    if ("turn1_response" in request) return secondTurn(dialect, request["turn1_response"]);
    if (typeof request["turn1_sse"] === "string") return afterToolCall(request["turn1_sse"]);
    const context = dialectContext({
      dialect: dialect.name,
      model: request.model,
      quirks: quirksOf(id),
      stream: request.stream === true,
    });
    return JSON.parse(String(dialect.encode(request, context).body)) as unknown;
  };

/** A case of two turns: what the client got, and what is sent when it says that again, with a call of a tool and its result after it. */
const secondTurn = (dialect: HttpDialect, firstAnswer: unknown): unknown => {
  const model = "gpt-5.6";
  const first = decodeWhole(dialect, firstAnswer, { dialect: dialect.name, model });
  if (!("message" in first)) throw new Error(first.failure.message);
  const call: ContentBlock = { type: "tool_use", id: "call_1", name: "lookup", input: {} };
  const request: MessagesRequest = {
    model,
    messages: [
      { role: "assistant", content: [...first.message.content, call] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "call_1", content: "found" }] },
    ],
  };
  const second = dialect.encode(request, dialectContext({ dialect: dialect.name, model }));
  return { answer: first.message, request: JSON.parse(String(second.body)) as unknown };
};

/** A case of two turns: what Gemini gets back after a call of a tool. */
const afterToolCall = (sse: string): unknown => {
  const context = dialectContext({ dialect: "gemini", model: "gemini-3-pro-preview" });
  const sink = new MessageCollector("gemini-3-pro-preview");
  const decoder = gemini.decodeStream(sink, context);
  decoder.push(Buffer.from(sse));
  decoder.end();
  const { content } = sink.message();
  const results = content
    .filter((block) => block.type === "tool_use")
    .map(({ id }) => ({ type: "tool_result" as const, tool_use_id: id, content: "ok" }));
  const messages = [
    { role: "user" as const, content: "list" },
    { role: "assistant" as const, content },
    { role: "user" as const, content: results },
  ];
  return JSON.parse(String(gemini.encode({ model: "m", messages }, context).body)) as unknown;
};

const toSchema = ({ input }: Case): unknown => parametersOf(input);

const toStream = (dialect: HttpDialect) => (one: Case) => streamOf(dialect, one);

const streamOf = (dialect: HttpDialect, { input }: Case): unknown => {
  const options = { dialect: dialect.name };
  if (typeof (input as { sse?: unknown }).sse !== "string")
    return summaryOf(framesOf(decodeWholeAsStream(dialect, input, options)));
  const { sse, split_at_bytes: cuts } = input as { sse: string; split_at_bytes?: number[] | "every byte" };
  const bytes = Buffer.from(sse);
  const chunks = cuts === "every byte" ? everyByte(bytes) : cutAt(bytes, cuts ?? []);
  return summaryOf(framesOf(decodeStreamed(dialect, chunks, options)));
};

/** A failure is `{status, body}` in the cases of Chat Completions, and the body alone in all others. */
const toMessage =
  (dialect: HttpDialect) =>
  ({ input }: Case): unknown => {
    const answer = decodeWhole(dialect, input, { dialect: dialect.name });
    if ("message" in answer) return answer.message;
    const failed = asError(answer.failure);
    return dialect.name === "openai-chat" ? failed : failed.body;
  };

const asError = (failure: { status: number; type: string; message: string }) => ({
  status: failure.status,
  body: { type: "error", error: { type: failure.type, message: failure.message } },
});

const toError = ({ input }: Case): unknown => {
  const { upstream_status: status, upstream_body: body } = input as {
    upstream_status: number;
    upstream_body: unknown;
  };
  return asError(openaiChat.decodeError(status, {}, JSON.stringify(body)));
};

const toEvents = ({ input }: Case): unknown => {
  const { chunks_utf8: texts, chunks_hex: hex } = input as { chunks_utf8?: string[]; chunks_hex?: string[] };
  const chunks =
    texts?.map((text) => Buffer.from(text)) ?? hex?.map((text) => Buffer.from(text, "hex")) ?? [];
  const events: { event: string | null; data: string }[] = [];
  const parser = new SseParser({ onEvent: (event, data) => events.push({ event: event || null, data }) });
  for (const chunk of chunks) parser.push(chunk);
  parser.end();
  return events;
};

const toValidation = ({ input }: Case): unknown => {
  const raw = (input as { raw_body?: string }).raw_body ?? JSON.stringify(input);
  try {
    validateMessagesRequest(parseBody(Buffer.from(raw)));
    return { status: 200, body: {} };
  } catch (error) {
    if (!(error instanceof SwitchyardError)) throw error;
    return asError({ status: error.httpStatus, type: error.type, message: error.message });
  }
};

const directions: Record<string, (one: Case) => unknown> = {
  ...outwardDirections,
  "anthropic_request__openai_chat_request.json": toRequest(openaiChat),
  "openai_chat_stream__anthropic_stream.json": toStream(openaiChat),
  "openai_chat_response__anthropic_response.json": toMessage(openaiChat),
  "anthropic_request__openai_responses_request.json": toRequest(openaiResponses),
  "openai_responses_stream__anthropic_stream.json": toStream(openaiResponses),
  "openai_responses_response__anthropic_response.json": toMessage(openaiResponses),
  "anthropic_request__gemini_request.json": toRequest(gemini),
  "gemini_stream__anthropic_stream.json": toStream(gemini),
  "gemini_response__anthropic_response.json": toMessage(gemini),
  "tool_input_schema__gemini_schema.json": toSchema,
  "sse_bytes__events.json": toEvents,
  "upstream_error__anthropic_error.json": toError,
  "anthropic_request__validation.json": toValidation,
};

/** Everything in which the router differs from what a case expects. */
const failuresOf = (one: Case, result: unknown): string[] => {
  const failures: string[] = [];
  for (const expectation of one.expect) {
    if (expectation.op !== "prose") {
      const failure = failureOf(expectation, result);
      if (failure !== undefined) failures.push(failure);
      continue;
    }
    const check = proseChecks[one.id];
    if (check === undefined) failures.push(`no hand-written check for: ${String(expectation.value)}`);
    else {
      const failure = check(result);
      if (failure !== undefined) failures.push(`${failure} (expected: ${String(expectation.value)})`);
    }
  }
  return failures;
};

withFolder("CASES", `${Object.keys(directions).length} files of cases`, (folder) => {
  for (const [file, run] of Object.entries(directions)) {
    const cases = JSON.parse(readFileSync(join(folder, file), "utf8")) as Case[];
    describe(file.replace("__", " to ").replace(".json", ""), () => {
      test("there are cases", () => {
        expect(cases.length).toBeGreaterThan(0);
      });
      test.each(
        cases.map((one) => [`${one.id.split("/")[1]} (${one.strength}): ${one.description}`, one] as const),
      )("%s", (_, one) => {
        const failures = failuresOf(one, run(one));
        const reason = disagreements[one.id];
        if (reason === undefined) expect(failures).toEqual([]);
        else
          expect(
            failures,
            `it passes now, and needs no entry among the disagreements (${reason})`,
          ).not.toEqual([]);
      });
    });
  }

  test("every file of cases is run, and every case that must or should hold has its own test", () => {
    const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
    expect(files.toSorted()).toEqual(Object.keys(directions).toSorted());
    const all = files.flatMap((file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as Case[]);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(all.filter(({ expect: wanted }) => wanted.length === 0)).toEqual([]);
    const silent = all.filter(({ strength }) => !["must", "should", "may"].includes(strength));
    expect(silent).toEqual([]);
  });

  test("every disagreement and every hand-written check belongs to a case", () => {
    const ids = new Set(
      Object.keys(directions).flatMap((file) =>
        (JSON.parse(readFileSync(join(folder, file), "utf8")) as Case[]).map((one) => one.id),
      ),
    );
    const strays = [...Object.keys(disagreements), ...Object.keys(proseChecks)].filter((id) => !ids.has(id));
    expect(strays).toEqual([]);
  });
});
