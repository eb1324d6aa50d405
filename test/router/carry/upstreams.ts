/**
 * Scripted providers, one or more of each dialect. Each answers in its own form with signed thinking, text and two parallel calls, and judges
 * the requests that it gets by its published rules.
 */
import type { DialectName, ModelInfo, Quirks } from "../../../src/config/types.ts";
import type { ContentBlock, MessagesRequest } from "../../../src/protocol/anthropic.ts";
import type { DialectContext, HttpDialect } from "../../../src/router/dialects/dialect.ts";
import { dialects } from "../../support/dialects.ts";
import { MessageCollector } from "../../../src/router/sinks/message-collector.ts";
import { dialectContext } from "../../support/dialect-context.ts";
import { strict } from "../../support/strict/index.ts";
import type { StrictOptions } from "../../support/strict/judge.ts";

interface Script {
  dialect: string;
  model: string;
  quirks?: Quirks;
  info?: ModelInfo;
  rules?: Omit<StrictOptions, "issued" | "model">;
  /** The n-th answer's body; what it signs with goes through `issue`. */
  answer(n: number, issue: (opaque: string) => string): unknown;
}

const read = (n: number): object => ({ file_path: `/é${n}.txt`, limit: n });
const bash = (n: number): object => ({ command: `echo "${n}" | tr '\n' ' '` });

const anthropicAnswer =
  (idOf: (n: number, which: number) => string): Script["answer"] =>
  (n, issue) => ({
    type: "message",
    content: [
      { type: "thinking", thinking: `I look ${n}.`, signature: issue(`signature ${n}`) },
      { type: "redacted_thinking", data: issue(`hidden ${n}`) },
      { type: "text", text: `Looking ${n}.` },
      { type: "tool_use", id: idOf(n, 0), name: "Read", input: read(n) },
      { type: "tool_use", id: idOf(n, 1), name: "Bash", input: bash(n) },
    ],
    stop_reason: "tool_use",
    usage: { input_tokens: 5, output_tokens: 5 },
  });

const chatAnswer =
  (
    idOf: (n: number, which: number) => string,
    reasoning: (n: number, issue: (opaque: string) => string) => object = () => ({}),
  ): Script["answer"] =>
  (n, issue) => ({
    choices: [
      {
        message: {
          role: "assistant",
          content: `Looking ${n}.`,
          ...reasoning(n, issue),
          tool_calls: [
            {
              id: idOf(n, 0),
              type: "function",
              function: { name: "Read", arguments: JSON.stringify(read(n)) },
            },
            {
              id: idOf(n, 1),
              type: "function",
              function: { name: "Bash", arguments: JSON.stringify(bash(n)) },
            },
          ],
        },
        finish_reason: "tool_calls",
      },
    ],
    usage: { prompt_tokens: 5, completion_tokens: 5 },
  });

const scripts: Readonly<Record<string, Script>> = {
  anthropic: {
    dialect: "anthropic",
    model: "claude-sonnet-4-5",
    quirks: { rawStream: true },
    rules: {
      systemInside: true,
      messageFields: ["output_config"],
      topFields: ["context_management", "safeguards"],
    },
    answer: anthropicAnswer((n, which) => `toolu_${n}${which}`),
  },
  kimi: {
    dialect: "anthropic",
    model: "kimi-k2",
    quirks: { dropBetas: true, dropFields: ["context_management", "safeguards"], inlineSystemMessages: true },
    rules: { anyToolId: true, lenientThinking: true },
    // It counts anew in every turn.
    answer: anthropicAnswer((_, which) => `Tool:${which}`),
  },
  deepseek: {
    dialect: "anthropic",
    model: "deepseek-v4-pro",
    quirks: {
      dropBetas: true,
      dropFields: ["context_management", "safeguards"],
      inlineSystemMessages: true,
      thinkingHistory: true,
      noDeferredTools: true,
    },
    rules: { thinkingEverywhere: true },
    answer: anthropicAnswer((n, which) => `call_0${which}_${n}`),
  },
  openai: {
    dialect: "openai-chat",
    model: "gpt-5.5",
    quirks: { maxTokensField: "max_completion_tokens", toolIdLength: 40, strictTools: true },
    answer: chatAnswer((n, which) => `call_${n}${which}`),
  },
  openrouter: {
    dialect: "openai-chat",
    model: "anthropic/claude-sonnet-4.5:online",
    quirks: { reasoning: "openrouter", sendReasoning: "reasoning_details", cacheControl: true },
    rules: {
      topFields: ["reasoning"],
      messageFields: ["reasoning_details", "cache_control"],
      toolIdLength: 64,
    },
    answer: chatAnswer(
      (n, which) => `toolu_or_${n}${which}`,
      (n, issue) => ({
        reasoning: `I look ${n}.`,
        reasoning_details: [
          { type: "reasoning.text", text: `I look ${n}.`, signature: issue(`or signature ${n}`), index: 0 },
          { type: "reasoning.encrypted", data: issue(`or data ${n}`), index: 1 },
        ],
      }),
    ),
  },
  "kimi-chat": {
    dialect: "openai-chat",
    model: "kimi-k2-thinking",
    quirks: { sendReasoning: "reasoning_content", inlineSystemMessages: true },
    rules: { messageFields: ["reasoning_content"], toolIdLength: 64 },
    answer: chatAnswer(
      (_, which) => `functions.Tool:${which}`,
      (n) => ({ reasoning_content: `I look ${n}.` }),
    ),
  },
  "gemini-openai": {
    dialect: "openai-chat",
    model: "gemini-3-pro-preview",
    quirks: { thoughtSignature: true, userIdLength: 0, noParallelToolCalls: true },
    rules: { messageFields: ["extra_content"], toolIdLength: 64 },
    answer: (n, issue) => {
      const body = chatAnswer((_, which) => `function-call-${n}${which}`)(n, issue) as {
        choices: { message: { tool_calls: object[] } }[];
      };
      const [call] = body.choices[0]!.message.tool_calls;
      Object.assign(call!, { extra_content: { google: { thought_signature: issue(`thought ${n}`) } } });
      return body;
    },
  },
  mistral: {
    dialect: "openai-chat",
    model: "mistral-large",
    quirks: {
      toolIdLength: 9,
      toolIdAlphanumeric: true,
      userIdLength: 0,
      assistantAfterTools: true,
      inlineSystemMessages: true,
    },
    rules: { toolIdLength: 9, rolesInOrder: true },
    answer: chatAnswer((n, which) => `abcdefg${n % 10}${which}`),
  },
  "openai-responses": {
    dialect: "openai-responses",
    model: "gpt-5.5",
    answer: (n, issue) => ({
      id: `resp_${n}`,
      object: "response",
      status: "completed",
      model: "gpt-5.5",
      output: [
        {
          type: "reasoning",
          id: `rs_${n}`,
          summary: [{ type: "summary_text", text: `I look ${n}.` }],
          encrypted_content: issue(`encrypted ${n}`),
        },
        {
          type: "message",
          id: `msg_${n}`,
          role: "assistant",
          status: "completed",
          content: [{ type: "output_text", text: `Looking ${n}.`, annotations: [] }],
        },
        ...[
          ["Read", read(n)],
          ["Bash", bash(n)],
        ].map(([name, input], which) => ({
          type: "function_call",
          id: `fc_${n}${which}`,
          call_id: `call_r${n}${which}`,
          name,
          arguments: JSON.stringify(input),
          status: "completed",
        })),
      ],
      usage: { input_tokens: 5, output_tokens: 5, total_tokens: 10 },
    }),
  },
  gemini: {
    dialect: "gemini",
    model: "gemini-3-pro-preview",
    answer: (n, issue) => ({
      candidates: [
        {
          content: {
            role: "model",
            parts: [
              { text: `I look ${n}.`, thought: true },
              { text: `Looking ${n}.` },
              { functionCall: { name: "Read", args: read(n) }, thoughtSignature: issue(`thought ${n}`) },
              { functionCall: { name: "Bash", args: bash(n) } },
            ],
          },
          finishReason: "STOP",
        },
      ],
      usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 5, totalTokenCount: 10 },
      modelVersion: "gemini-3-pro-preview",
    }),
  },
};

const httpDialects: ReadonlyMap<string, HttpDialect> = new Map(
  Object.values(dialects)
    .filter((dialect): dialect is HttpDialect => dialect.kind === "http")
    .map((dialect) => [dialect.name, dialect]),
);

/** Dialects of the list that nothing here speaks: a new one needs a script above. */
export const withoutScript = [...httpDialects.keys()].filter(
  (name) => !Object.values(scripts).some((script) => script.dialect === name),
);

export class Upstream {
  readonly name: string;
  readonly #script: Script;
  readonly #dialect: HttpDialect;
  readonly #context: DialectContext;
  /** Each opaque value that it gave out. */
  readonly issued = new Set<string>();

  constructor(name: string) {
    const script = scripts[name]!;
    this.name = name;
    this.#script = script;
    this.#dialect = httpDialects.get(script.dialect)!;
    const { quirks, info, model } = script;
    const context = dialectContext({
      dialect: script.dialect as DialectName,
      model,
      stream: false,
      ...(quirks !== undefined && { quirks }),
      ...(info !== undefined && { info }),
    });
    this.#context = { ...context, provider: { ...context.provider, name } };
  }

  /** The body that it gets. */
  sent(request: MessagesRequest): string {
    return String(this.#dialect.encode(request, { ...this.#context, request }).body);
  }

  /** What it would answer 400 to. */
  problems(body: string): string[] {
    const judge = strict[this.#script.dialect];
    if (judge === undefined) return [`nothing judges requests of the dialect ${this.#script.dialect}`];
    return judge(JSON.parse(body), { ...this.#script.rules, issued: this.issued, model: this.#script.model });
  }

  /** The blocks of its n-th answer, as the client keeps them. */
  answer(n: number, request: MessagesRequest): ContentBlock[] {
    const issue = (opaque: string): string => {
      const value = Buffer.from(`${this.name} ${opaque}`).toString("base64");
      this.issued.add(value);
      return value;
    };
    const sink = new MessageCollector(this.#script.model);
    this.#dialect.decodeMessage(this.#script.answer(n, issue), sink, { ...this.#context, request });
    if (sink.failure !== undefined) throw new Error(sink.failure.message);
    return sink.message().content;
  }
}

/** Names of the scripts whose dialect is in the list. */
export const upstreamNames = Object.keys(scripts).filter((name) => httpDialects.has(scripts[name]!.dialect));
