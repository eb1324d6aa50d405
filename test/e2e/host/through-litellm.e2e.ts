/** A real LiteLLM between the router and the provider: each form that the router speaks, to each kind of provider that LiteLLM asks. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accumulate, type Accumulated, type Block } from "../../support/accumulate.ts";
import type { ScriptedAnswer } from "../../support/provider/chat-stream.ts";
import { scenarioScript } from "../../support/provider/scenarios.ts";
import { type Script, type ScriptedProvider, startProvider } from "../../support/provider/server.ts";
import { testRouter, type TestRouter } from "../../support/router.ts";
import { problemsOf } from "../../support/validate-anthropic-stream.ts";
import { carriedCalls } from "../support/carried-calls.ts";
import { type LitellmServer, startLitellm } from "../support/litellm-server.ts";
import { project } from "../support/project.ts";
import { scenarios } from "../support/sessions.ts";

/** Kinds of providers, as LiteLLM names them. */
const legs = {
  compatible: { model: "hosted_vllm/some-model", path: "/v1" },
  openai: { model: "openai/gpt-5.5", path: "/v1" },
  responses: { model: "openai/responses/gpt-5.5", path: "/v1" },
  anthropic: { model: "anthropic/claude-sonnet-4-5", path: "" },
  gemini: { model: "gemini/gemini-2.5-pro", path: "/v1beta" },
} as const;
type LegName = keyof typeof legs;

/** The forms in which the router speaks to LiteLLM. */
const forms = ["chat", "messages", "responses", "google"] as const;
type Form = (typeof forms)[number];
const ways = forms.flatMap((form) => (Object.keys(legs) as LegName[]).map((leg) => [form, leg] as const));

const providersOf = ({ url, key }: { url: string; key: string }): string => `
  chat: { preset: litellm, baseUrl: "${url}/v1", keys: ["${key}"] }
  messages: { preset: litellm-anthropic, baseUrl: "${url}", keys: ["${key}"] }
  whole: { preset: litellm-anthropic, baseUrl: "${url}", keys: ["${key}"], quirks: { noStream: true } }
  responses: { dialect: openai-responses, baseUrl: "${url}/v1", keys: ["${key}"] }
  google: { dialect: gemini, baseUrl: "${url}/v1beta", keys: ["${key}"], keyHeader: authorization }`;

const usage = { prompt: 120, completion: 30, cached: 80 };
const calls = [
  { name: "Read", input: { file_path: "/tmp/ä ✓.txt", limit: 3 } },
  { name: "Bash", input: { command: "printf 'grüße 🚀' | wc -c" } },
];
const long = "This text is cut before it ends — über ✓. ".repeat(20);
const refusal = (status: number, error: object, headers: Record<string, string> = {}): ScriptedAnswer => ({
  error: { status, headers, body: JSON.stringify({ type: "error", error }) },
});
const answers: Record<string, ScriptedAnswer> = {
  words: { text: "Grüße – ✓ 漢字 🚀, the end.", usage },
  thought: { reasoning: "First I consider — ✓.", text: "Thought.", usage },
  calls: {
    reasoning: "Both at once.",
    text: "I look.",
    tools: calls.map((call, i) => ({ ...call, id: `call_${i}` })),
    usage,
  },
  limit: refusal(429, { type: "rate_limit_error", message: "Slow down please." }, { "retry-after": "17" }),
  wrongKey: refusal(401, { type: "authentication_error", message: "That key is not known here." }),
  tooLong: refusal(400, {
    type: "invalid_request_error",
    code: "context_length_exceeded",
    message:
      "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.",
  }),
  cut: { text: long, cutAfter: 700 },
};
/** What Anthropic and Google want back with their reasoning, as the scripted ones write it. */
const signature = "c2lnbmVkIGJ5IHRoZSBzY3JpcHQ=";
const script: Script = (request) => {
  if (request.raw.includes("SCRIPT:")) return scenarioScript(request);
  if (request.raw.includes("result of call 1")) return { text: "Both are back ✓." };
  return answers[/ASK:(\w+)/.exec(request.raw)?.[1] ?? ""] ?? { text: "Not scripted." };
};

let provider: ScriptedProvider;
let litellm: LitellmServer;
let router: TestRouter;
beforeAll(async () => {
  provider = await startProvider(script);
  litellm = await startLitellm(legs, provider.url);
  router = await testRouter(`providers:${providersOf(litellm)}\nroutes: { default: "chat,openai" }`);
}, 600_000);
afterAll(async () => {
  await router?.close();
  await litellm?.close();
  await provider?.close();
});

const tools = calls.map(({ name, input }) => ({
  name,
  description: `Does ${name}`,
  input_schema: {
    type: "object",
    properties: Object.fromEntries(
      Object.entries(input).map(([key, value]) => [
        key,
        { type: typeof value === "number" ? "integer" : "string" },
      ]),
    ),
  },
}));
const question = (answer: keyof typeof answers): object => ({ role: "user", content: `ASK:${answer}` });
const ask = (target: string, answer: string, more: object = {}): Promise<Response> =>
  router.ask({ model: target, max_tokens: 4000, stream: true, messages: [question(answer)], ...more });

/** What the client makes of a stream, which must be a valid one whatever became of it in between. */
const received = async (response: Response): Promise<Accumulated> => {
  const body = await response.text();
  expect(response.status, body).toBe(200);
  const answer = accumulate(body);
  expect(problemsOf(answer.frames)).toEqual([]);
  return answer;
};

/** A block as the client sends it back with the next turn. */
const sentBack = ({ type, id, name, input, text, thinking, signature: signed }: Block): object => {
  if (type === "tool_use") return { type, id, name, input };
  return type === "thinking" ? { type, thinking, signature: signed } : { type, text };
};

/**
 * Counted once: cached tokens are not input. Where the provider is not Google, LiteLLM's form of Google counts nothing in streams, and cached
 * tokens as input in whole answers.
 */
const countedBy = (form: Form, leg: LegName, stream: boolean): object => {
  if (form !== "google" || leg === "gemini")
    return { input_tokens: 40, output_tokens: 30, cache_read_input_tokens: 80 };
  return stream ? { input_tokens: 0, output_tokens: 0 } : { input_tokens: 120, output_tokens: 30 };
};

describe.each(ways)("a router that speaks %s to LiteLLM, before a provider of the kind %s", (form, leg) => {
  const target = `${form},${leg}`;

  it("streams words whole, whatever their script, and counts them once", async () => {
    const answer = await received(await ask(target, "words"));
    expect(answer.text).toBe(answers["words"]!.text);
    expect(answer.stopReason).toBe("end_turn");
    expect(answer.usage).toMatchObject(countedBy(form, leg, true));
  });

  it("answers whole where no stream is asked for", async () => {
    const response = await ask(target, "words", { stream: false });
    expect(await response.json()).toMatchObject({
      content: [{ type: "text", text: answers["words"]!.text }],
      stop_reason: "end_turn",
      usage: countedBy(form, leg, false),
    });
  });

  it("shows the thinking once, where LiteLLM passes it on", async () => {
    const thinking = { type: "enabled", budget_tokens: 2000 };
    const answer = await received(await ask(target, "thought", { thinking }));
    const carried = form !== "google" || leg === "gemini";
    expect(answer.thinking).toBe(carried ? "First I consider — ✓." : "");
    expect(answer.text).toBe("Thought.");
  });

  // LiteLLM mixes up the pieces of calls that come by turns: see below.
  if (form !== "messages" || leg !== "compatible")
    it("carries two calls at once there, and their results back by their ids, with what was signed", async () => {
      const thinking = { type: "enabled", budget_tokens: 2000 };
      const answer = await received(await ask(target, "calls", { tools, thinking }));
      expect(answer.tools.map(({ name, input }) => ({ name, input }))).toEqual(calls);
      expect(answer.stopReason).toBe("tool_use");
      const messages = [
        question("calls"),
        { role: "assistant", content: answer.blocks.map(sentBack) },
        {
          role: "user",
          content: answer.tools.map(({ id }, i) => ({
            type: "tool_result",
            tool_use_id: id,
            content: `result of call ${i}`,
          })),
        },
      ];
      const after = await received(await ask(target, "calls", { tools, thinking, messages }));
      expect(after.text).toBe("Both are back ✓.");
      const { body, raw } = provider.requests.at(-1)!;
      expect(carriedCalls(body).map(({ name, input }) => ({ name, input }))).toEqual(calls);
      expect(carriedCalls(body).map((call) => call.result)).toEqual([
        expect.stringContaining("result of call 0"),
        expect.stringContaining("result of call 1"),
      ]);
      // LiteLLM's form of Anthropic loses what Google signed, and every other form what Anthropic did.
      const kept = leg === "gemini" ? form !== "messages" : leg === "anthropic" && form === "messages";
      expect(raw.includes(signature)).toBe(kept);
    });

  it("says that it was too much, and never invents a time to wait", async () => {
    const response = await ask(target, "limit");
    const { error } = (await response.json()) as { error: { type: string; message: string } };
    // LiteLLM makes a fault of its own of it there.
    const lost = form === "google" && leg === "anthropic";
    expect([response.status, error.type]).toEqual(lost ? [500, "api_error"] : [429, "rate_limit_error"]);
    expect(error.message).toContain("Slow down please.");
    expect([null, "17"]).toContain(response.headers.get("retry-after"));
  });

  it("says that the provider refused LiteLLM's key, and that asking again is of no use", async () => {
    const response = await ask(target, "wrongKey");
    const { error } = (await response.json()) as { error: { type: string; message: string } };
    expect(error.message).toContain("not known here");
    // LiteLLM makes a fault of its own of it there.
    const lost = form === "google" && leg !== "gemini";
    expect([response.status, error.type]).toEqual(lost ? [500, "api_error"] : [401, "authentication_error"]);
    expect(response.headers.get("x-should-retry")).toBe(lost ? null : "false");
  });

  it("says that the conversation is too long in the words by which the client compacts", async () => {
    const response = await ask(target, "tooLong");
    const { error } = (await response.json()) as { error: { type: string; message: string } };
    expect([response.status, error.type]).toEqual([400, "invalid_request_error"]);
    expect(error.message).toMatch(/^prompt is too long: .*8192 tokens/s);
  });

  it("never takes a cut for an end", async () => {
    const response = await ask(target, "cut");
    const body = await response.text();
    if (response.status === 200) {
      const answer = accumulate(body);
      expect(problemsOf(answer.frames)).toEqual([]);
      expect(answer.types.at(-1)).toBe("error");
      expect(answer.stopReason).toBeUndefined();
    } else {
      expect(response.status).toBeGreaterThanOrEqual(500);
      expect(JSON.parse(body)).toMatchObject({ type: "error" });
    }
  });
});

describe("two calls whose pieces come by turns, where LiteLLM mixes them up", () => {
  it("are an error that says so, and no call with the arguments of another", async () => {
    const answer = await received(await ask("messages,compatible", "calls", { tools }));
    expect(answer.error?.message).toContain("the arguments of a tool call are not JSON");
    expect(answer.stopReason).toBeUndefined();
  });

  it("come whole where the router asks LiteLLM for no stream", async () => {
    const answer = await received(await ask("whole,compatible", "calls", { tools }));
    expect(answer.tools.map(({ name, input }) => ({ name, input }))).toEqual(calls);
  });
});

describe.each(forms)("Claude Code on the host, behind a router that speaks %s to LiteLLM", (form) => {
  it("reads a file, runs a command and edits the file", async () => {
    const own = project(
      `providers:${providersOf(litellm)}\nroutes: { default: "${form},compatible", background: "${form},compatible" }`,
    );
    const mark = provider.requests.length;
    const place = ["--runtime", "host", "--config", own.config, "--workspace", own.workspace];
    const shell = (command: string[], input = ""): ReturnType<typeof own.switchyard> =>
      own.switchyard(["shell", "router", ...place, "--", ...command], { input, env: { IS_SANDBOX: "1" } });
    // In parallel but where LiteLLM would mix them up.
    const editing =
      form === "messages"
        ? "the client reads a file, runs a command, edits the file, one after the other, and the file is changed here"
        : "the client reads a file, runs a command in parallel, edits the file, and the file is changed here";
    try {
      await scenarios[editing]!({
        project: own,
        folder: own.workspace,
        claude: (args, input) => shell(["claude", ...args], input),
        bash: (text) => shell([text]),
        asked: () => Promise.resolve(provider.requests.slice(mark)),
      });
    } finally {
      own.remove();
    }
  });
});
