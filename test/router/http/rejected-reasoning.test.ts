/**
 * "Invalid signature in thinking block" after a change of account: keys of one provider may belong to different organisations, of which none
 * can verify what another's models signed or encrypted. The turn is asked again without it, and the conversation goes on.
 */
import { describe, expect, it } from "vitest";
import type { ContentBlock } from "../../../src/protocol/anthropic.ts";
import { defaultPolicy } from "../../../src/config/resolve-failures.ts";
import { classify } from "../../../src/router/failures/classify.ts";
import { toEnvelope } from "../../../src/router/dialects/shared/reasoning-envelope.ts";
import { closeAfterEach } from "../../support/open.ts";
import { chat, entry, provider, respond, router } from "../../support/openai-router.ts";
import { strictly } from "../../support/strict/script.ts";
import type { StrictOptions } from "../../support/strict/judge.ts";

closeAfterEach();

const thinking = "I look.";
const calls: ContentBlock[] = [
  { type: "text", text: "Looking." },
  { type: "tool_use", id: "call_1", name: "Read", input: { file_path: "/é" } },
];
const tools = [
  { name: "Read", input_schema: { type: "object", properties: { file_path: { type: "string" } } } },
];

interface Refusing {
  dialect: "anthropic" | "openai-chat" | "openai-responses" | "gemini";
  model: string;
  quirks?: string;
  rules?: Partial<StrictOptions>;
  /** What an account of the provider signed. Left out: a signature of Anthropic's own, which bears no envelope. */
  details?: Record<string, unknown>[];
}

const providers: Record<string, Refusing> = {
  Anthropic: { dialect: "anthropic", model: "claude-sonnet-4-5", quirks: "{ rawStream: true }" },
  "a provider of Anthropic's form": {
    dialect: "anthropic",
    model: "kimi-k2",
    rules: { anyToolId: true, lenientThinking: true },
    details: [{ signature: "of another account" }],
  },
  OpenRouter: {
    dialect: "openai-chat",
    model: "anthropic/claude-sonnet-4.5",
    quirks: "{ reasoning: openrouter, sendReasoning: reasoning_details }",
    rules: { topFields: ["reasoning"], messageFields: ["reasoning_details"] },
    details: [{ type: "reasoning.text", text: thinking, signature: "of another account" }],
  },
  OpenAI: {
    dialect: "openai-responses",
    model: "gpt-5.5",
    details: [{ type: "reasoning", id: "rs_1", summary: [], encrypted_content: "of another account" }],
  },
  Gemini: {
    dialect: "gemini",
    model: "gemini-3-pro-preview",
    details: [{ type: "google.signature", on: "call", signature: "of another account" }],
  },
};

const config = (each: Refusing, url: string): string[] => [
  "providers:",
  `  up: { dialect: ${each.dialect}, baseUrl: "${url}${each.dialect === "anthropic" ? "" : "/v1"}", keys: [], quirks: ${each.quirks ?? "{}"} }`,
  `routes: { default: "up,${each.model}" }`,
];

const isArguments = (said: string): boolean => said.includes("/é");

describe.each(Object.entries(providers))("%s refuses what another account signed", (_, each) => {
  const signature =
    each.details === undefined
      ? "c2lnbmVk"
      : toEnvelope(each.details, thinking, {
          provider: { name: "up", dialect: each.dialect },
          model: each.model,
        });
  const asked = {
    model: `up,${each.model}`,
    max_tokens: 8000,
    tools,
    thinking: { type: "enabled", budget_tokens: 2000 },
    messages: [
      { role: "user", content: "read" },
      { role: "assistant", content: [{ type: "thinking", thinking, signature }, ...calls] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "call_1", content: "seen" }] },
    ],
  };

  it.each([true, false])("and answers once it is asked without; streamed: %s", async (stream) => {
    const rules = { issued: new Set<string>(), model: each.model, ...each.rules };
    const up = await provider(strictly(each.dialect, rules, () => ({ text: "onward" })));
    const r = await router(...config(each, up.url));
    const res = await r.ask({ ...asked, stream });
    const body = await res.text();
    expect(res.status, body).toBe(200);
    expect(body).toContain("onward");
    expect(res.headers.get("x-switchyard-attempts")).toBe("2");
    const [first, second] = up.requests.map((request) => request.raw);
    expect(first).toMatch(/of another account|c2lnbmVk/);
    expect(second).not.toMatch(/of another account|c2lnbmVk/);
    expect(isArguments(second!)).toBe(true);
    expect(r.logs.join("")).toContain('"kind":"reasoningRejected"');
  });

  it("and is not asked a third time where that was not the reason", async () => {
    const message = "messages.1.content.0: Invalid `signature` in `thinking` block";
    const body = JSON.stringify({ type: "error", error: { type: "invalid_request_error", message } });
    const up = await provider(() => ({ error: { status: 400, body } }));
    const r = await router(...config(each, up.url));
    const res = await r.ask(asked);
    expect(res.status).toBe(400);
    expect(await res.text()).toContain("Invalid `signature`");
    expect(up.requests).toHaveLength(2);
  });
});

describe("a client whose bytes pass", () => {
  const sealed = { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "of another account" };
  const call = { type: "function_call", call_id: "c1", name: "f", arguments: "{}" };
  const output = { type: "function_call_output", call_id: "c1", output: "x" };

  it("of Responses keeps its conversation, and its own fields", async () => {
    const rules = { issued: new Set<string>(), topFields: ["novelty"] };
    const up = await provider(strictly("openai-responses", rules, () => ({ text: "on" })));
    const r = await router("providers:", entry.responses("up", up.url), 'routes: { default: "up,gpt-5.5" }');
    const input = [{ role: "user", content: "go" }, sealed, call, output];
    const res = await respond(r, { input, novelty: { a: 1 } });
    expect(res.status).toBe(200);
    expect(up.requests.map((request) => request.body["input"])).toEqual([
      input,
      input.filter((item) => item !== sealed),
    ]);
    expect(up.requests[1]?.body["novelty"]).toEqual({ a: 1 });
  });

  it("of Chat Completions keeps its conversation, and its own fields", async () => {
    const rules = { issued: new Set<string>(), topFields: ["novelty"], messageFields: ["reasoning_details"] };
    const up = await provider(strictly("openai-chat", rules, () => ({ text: "on" })));
    const quirks = ", quirks: { sendReasoning: reasoning_details }";
    const r = await router("providers:", entry.chat("up", up.url, quirks), 'routes: { default: "up,m" }');
    const details = [{ type: "reasoning.encrypted", data: "of another account" }];
    const messages = [
      { role: "user", content: "go" },
      { role: "assistant", content: "gone", reasoning_details: details },
      { role: "user", content: "on" },
    ];
    const res = await chat(r, { messages, novelty: 1 });
    expect(res.status).toBe(200);
    const [first, second] = up.requests;
    expect(first?.raw).toContain("of another account");
    expect(second?.body.messages?.map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
    expect([second?.raw.includes("of another account"), second?.body["novelty"]]).toEqual([false, 1]);
  });
});

describe("the words by which it is known", () => {
  const kindOf = (message: string): string =>
    classify({ status: 400, type: "invalid_request_error", message }, defaultPolicy).kind;

  it.each([
    "messages.1.content.0: Invalid `signature` in `thinking` block",
    "messages.3.content.0: Invalid signature in thinking block",
    "messages.5.content.1: Invalid `data` in `redacted_thinking` block",
    "The encrypted content gAAA...DQ== could not be verified.",
    "The encrypted content for item rs_0a18 could not be verified. Reason: Encrypted content could not be decrypted or parsed.",
    "Corrupted thought signature.",
    "Unable to submit request because Thought signature is not valid.. Learn more: https://cloud.google.com/vertex-ai",
    "Invalid thought signature.",
  ])("%s", (message) => {
    expect(kindOf(message)).toBe("reasoningRejected");
  });

  it.each([
    "Function call is missing a thought_signature in functionCall parts.",
    "messages.2: `tool_use` ids must be unique",
    "prompt is too long: 210000 tokens > 200000 maximum",
    "Invalid API key",
  ])("and not: %s", (message) => {
    expect(kindOf(message)).not.toBe("reasoningRejected");
  });
});
