/** Whatever a decoder calls, clients of OpenAI's and Google's get valid streams; whatever an answer holds, they can send it back and nothing is lost. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ContentBlock, MessageResponse } from "../../../src/protocol/anthropic.ts";
import type { StreamWriter } from "../../../src/router/inbound/client-form.ts";
import { decodeGeminiRequest } from "../../../src/router/inbound/gemini/decode.ts";
import { decodeChatRequest } from "../../../src/router/inbound/openai-chat/decode.ts";
import { decodeResponsesRequest } from "../../../src/router/inbound/openai-responses/decode.ts";
import { chatSummary, responsesSummary } from "../../support/openai-streams.ts";
import { geminiSeen } from "../../support/gemini-answers.ts";
import { chatClient, geminiClient, responsesClient } from "../../support/outward.ts";

const word = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 });
const tools = new Map([["patch", { name: "patch", custom: true }]]);

type Call = (sink: StreamWriter) => void;

const calls: fc.Arbitrary<Call> = fc.oneof(
  word.map(
    (text): Call =>
      (sink) =>
        sink.text(text),
  ),
  word.map(
    (text): Call =>
      (sink) =>
        sink.thinking(text),
  ),
  word.map(
    (value): Call =>
      (sink) =>
        sink.signature(value),
  ),
  fc.tuple(fc.constantFrom("read", "patch"), fc.nat(99)).map(
    ([name, id]): Call =>
      (sink) =>
        sink.toolStart(`call_${id}`, name),
  ),
  fc.constantFrom('{"a":', '"é"', "}").map(
    (json): Call =>
      (sink) =>
        sink.toolInput(json),
  ),
  fc.constantFrom("server_tool_use", "text", "brand_new").map(
    (type): Call =>
      (sink) =>
        sink.openBlock({ type, id: "s", name: "web_search", input: {}, text: "" }),
  ),
  word.map(
    (data): Call =>
      (sink) =>
        sink.block({ type: "redacted_thinking", data }),
  ),
  fc.constant<Call>((sink) => sink.delta({ type: "input_json_delta", partial_json: '{"query":1}' })),
  fc.constant<Call>((sink) =>
    sink.delta({ type: "citations_delta", citation: { url: "https://example.com", title: "t" } }),
  ),
  fc.constant<Call>((sink) => sink.start({ model: "m" })),
  fc.constant<Call>((sink) => sink.endBlock()),
);

const usage = { input_tokens: 3, output_tokens: 4 };
const end: fc.Arbitrary<Call> = fc.constantFrom<Call>(
  (sink) => sink.finish({ stopReason: "max_tokens", usage }),
  (sink) => sink.fail({ status: 502, type: "api_error", message: "cut" }),
);

/** What goes to the client: nothing before the first content, as the endpoint holds it. */
const written = (sink: StreamWriter, sequence: readonly Call[], last: Call): string => {
  for (const call of sequence) call(sink);
  last(sink);
  return sink.committed ? sink.take() : "";
};

describe("streams", () => {
  it("of chat chunks are valid whatever is called", () => {
    fc.assert(
      fc.property(fc.array(calls, { maxLength: 30 }), end, (sequence, last) => {
        const sink = chatClient(tools).streamWriter("m", (text) => text);
        const sse = written(sink, sequence, last);
        if (sse !== "") expect(chatSummary(sse, { includeUsage: true }).problems).toEqual([]);
      }),
    );
  });

  it("of Responses events are valid whatever is called", () => {
    fc.assert(
      fc.property(fc.array(calls, { maxLength: 30 }), end, (sequence, last) => {
        const sink = responsesClient(tools).streamWriter("m", (text) => text);
        const sse = written(sink, sequence, last);
        const failed = sink.failure !== undefined;
        const problems = sse === "" ? [] : responsesSummary(sse).problems;
        // A failure may come in the middle of an item, which is not among those that are done.
        expect(problems.filter((problem) => !failed || !problem.includes("other items"))).toEqual([]);
      }),
    );
  });

  it("of Google's answers are valid whatever is called, as events and as an array", () => {
    fc.assert(
      fc.property(fc.array(calls, { maxLength: 30 }), end, fc.boolean(), (sequence, last, array) => {
        const sink = geminiClient({ array }).streamWriter("m", (said) => said);
        const stream = written(sink, sequence, last);
        if (stream !== "") expect(geminiSeen(stream).problems).toEqual([]);
      }),
    );
  });
});

const input = fc.dictionary(word, fc.oneof(word, fc.integer(), fc.boolean()), { maxKeys: 3 });
const text: fc.Arbitrary<ContentBlock> = word.map((said) => ({ type: "text", text: said }));
const thinking: fc.Arbitrary<ContentBlock> = fc
  .tuple(word, fc.base64String({ minLength: 4, maxLength: 20 }))
  .map(([said, signature]) => ({ type: "thinking", thinking: said, signature }));
const callsOf = fc
  .uniqueArray(fc.tuple(fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/), input), {
    selector: ([id]) => id,
    maxLength: 3,
  })
  .map((list): ContentBlock[] =>
    list.map(([id, given], i) =>
      i === 1
        ? { type: "tool_use", id, name: "patch", input: { input: JSON.stringify(given) } }
        : { type: "tool_use", id, name: "read", input: given },
    ),
  );

/** An answer as models give it: thinking, then words, then calls; an answer says at least something. */
const answers = fc
  .tuple(fc.option(thinking, { nil: undefined }), fc.option(text, { nil: undefined }), callsOf)
  .map(([thought, said, called]): ContentBlock[] => [
    ...(thought === undefined ? [] : [thought]),
    ...(said === undefined ? [] : [said]),
    ...called,
  ])
  .filter((content) => content.some((block) => block.type !== "thinking"));

const messageOf = (content: ContentBlock[]): MessageResponse => ({
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "m",
  content,
  stop_reason: "end_turn",
  stop_sequence: null,
  usage,
});

/** The same as Google's stream. */
const streamOf = (content: readonly ContentBlock[]): string => {
  const sink = geminiClient().streamWriter("m", (said) => said);
  for (const block of content) {
    if (block.type === "text") sink.text(block.text);
    if (block.type === "thinking") {
      sink.thinking(block.thinking);
      sink.signature(block.signature ?? "");
    }
    if (block.type === "tool_use") {
      sink.toolStart(block.id, block.name);
      sink.toolInput(JSON.stringify(block.input));
    }
    sink.endBlock();
  }
  sink.finish({ stopReason: "end_turn", usage });
  return sink.take();
};

/** The turn of the assistant in what the client sends next: with results, so that calls in flight are answered. */
const assistantIn = (messages: readonly { role: string; content: unknown }[]): unknown =>
  messages.find((message) => message.role === "assistant")?.content;

describe("an answer that the client sends back", () => {
  it("comes back as it was through chat completions: words, calls and signed thinking", () => {
    fc.assert(
      fc.property(answers, (content) => {
        const completion = JSON.parse(chatClient(tools).message(messageOf(content))) as {
          choices: { message: object }[];
        };
        const results = content.flatMap((block) =>
          block.type === "tool_use" ? [{ role: "tool", tool_call_id: block.id, content: "ok" }] : [],
        );
        const body = {
          model: "m",
          messages: [{ role: "user", content: "hi" }, completion.choices[0]!.message, ...results],
        };
        expect(assistantIn(decodeChatRequest(body, 0).request.messages)).toEqual(content);
      }),
    );
  });

  it("comes back as it was through responses", () => {
    fc.assert(
      fc.property(answers, (content) => {
        const { output } = JSON.parse(responsesClient(tools).message(messageOf(content))) as {
          output: { type: string; call_id?: string }[];
        };
        const results = output.flatMap((item) =>
          item.call_id === undefined
            ? []
            : [{ type: `${item.type}_output`, call_id: item.call_id, output: "ok" }],
        );
        const body = { model: "m", input: [{ role: "user", content: "hi" }, ...output, ...results] };
        expect(assistantIn(decodeResponsesRequest(body, 0).request.messages)).toEqual(content);
      }),
    );
  });

  it("comes back as it was through Google's form, from a stream too, even where the client drops thoughts", () => {
    fc.assert(
      fc.property(answers, fc.boolean(), fc.boolean(), (content, streams, drops) => {
        const client = geminiClient();
        const said = streams ? streamOf(content) : client.message(messageOf(content));
        const all = geminiSeen(said).parts;
        const parts = drops ? all.filter((part) => part.thought !== true) : all;
        const results = parts.flatMap(({ functionCall: call }) =>
          call === undefined
            ? []
            : [{ functionResponse: { id: call.id, name: call.name, response: { output: "ok" } } }],
        );
        const body = {
          contents: [
            { role: "user", parts: [{ text: "hi" }] },
            { role: "model", parts },
            ...(results.length > 0 ? [{ role: "user", parts: results }] : []),
          ],
        };
        const { request } = decodeGeminiRequest(body, { model: "m", stream: false, size: 0 });
        expect(assistantIn(request.messages)).toEqual(content);
      }),
    );
  });
});
