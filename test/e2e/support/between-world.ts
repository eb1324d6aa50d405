/** Provider, a real server and router in one row, and what is asked there: the scripted provider's answers by name. */
import { expect } from "vitest";
import { accumulate, type Accumulated, type Block } from "../../support/accumulate.ts";
import type { ScriptedAnswer } from "../../support/provider/chat-stream.ts";
import { scenarioScript } from "../../support/provider/scenarios.ts";
import { type Script, type ScriptedProvider, startProvider } from "../../support/provider/server.ts";
import { testRouter, type TestRouter } from "../../support/router.ts";
import { problemsOf } from "../../support/validate-anthropic-stream.ts";

const usage = { prompt: 120, completion: 30, cached: 80 };
/** The calls that the provider makes at once. */
export const calls = [
  { name: "Read", input: { file_path: "/tmp/ä ✓.txt", limit: 3 } },
  { name: "Bash", input: { command: "printf 'grüße 🚀' | wc -c" } },
];
const long = "This text is cut before it ends — über ✓. ".repeat(20);
const refusal = (status: number, error: object, headers: Record<string, string> = {}): ScriptedAnswer => ({
  error: { status, headers, body: JSON.stringify({ type: "error", error }) },
});
/** By name. */
export const answers: Record<string, ScriptedAnswer> = {
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
/** What Anthropic, Google and OpenAI want back with their reasoning, as the scripted ones write it. */
export const signed = ["c2lnbmVkIGJ5IHRoZSBzY3JpcHQ=", "sealed-by-the-script"];

/** What the scripted provider answers, whatever its form. */
const script: Script = (request) => {
  if (request.raw.includes("SCRIPT:")) return scenarioScript(request);
  if (request.raw.includes("result of call 1")) return { text: "Both are back ✓." };
  return answers[/ASK:(\w+)/.exec(request.raw)?.[1] ?? ""] ?? { text: "Not scripted." };
};

/** The tools of which {@link calls} are calls. */
export const tools = calls.map(({ name, input }) => ({
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

/** What is run between router and provider. */
export interface Between {
  url: string;
  key: string;
  close(): Promise<void>;
}

export interface World<Server extends Between = Between> {
  router: TestRouter;
  server: Server;
  provider: ScriptedProvider;
  close(): Promise<void>;
}

/**
 * Provider, server and router, in this order.
 * @param start the server that asks the provider of this address; @param providersOf section `providers:` of the router's configuration
 * @param target of the router, for what names none
 */
export const startWorld = async <Server extends Between>(
  start: (provider: string) => Promise<Server>,
  providersOf: (server: Server) => string,
  target: string,
): Promise<World<Server>> => {
  const provider = await startProvider(script);
  let server: Server | undefined;
  try {
    server = await start(provider.url);
    // Each request of a test stands for itself: none is tried again.
    const providers = providersOf(server).replaceAll(/ \}$/gm, ", failures: { tries: 1 } }");
    const router = await testRouter(`providers:${providers}\nroutes: { default: "${target}" }`);
    const close = async (): Promise<void> => {
      for (const each of [router, server, provider]) await each?.close();
    };
    return { router, server, provider, close };
  } catch (error) {
    for (const each of [server, provider]) await each?.close();
    throw error;
  }
};

const question = (answer: string): object => ({ role: "user", content: `ASK:${answer}` });

/** @param answer name of one of the script's */
export const ask = async (
  { router }: World,
  target: string,
  answer: string,
  more: object = {},
): Promise<Response> => {
  // Nor does a target rest for what another test made it do.
  await fetch(`${router.url}/api/cooldowns/clear`, { method: "POST", headers: router.admin });
  return router.ask({ model: target, max_tokens: 4000, stream: true, messages: [question(answer)], ...more });
};

/** What the client makes of a stream, which must be a valid one whatever became of it in between. */
export const received = async (response: Response): Promise<Accumulated> => {
  const body = await response.text();
  expect(response.status, body).toBe(200);
  const answer = accumulate(body);
  expect(problemsOf(answer.frames)).toEqual([]);
  return answer;
};

/** Name and input of each call. */
export const called = (answer: Accumulated): object[] =>
  answer.tools.map(({ name, input }) => ({ name, input }));

/** A block as the client sends it back with the next turn. */
const sentBack = ({ type, id, name, input, text, thinking, signature }: Block): object => {
  if (type === "tool_use") return { type, id, name, input };
  return type === "thinking" ? { type, thinking, signature } : { type, text };
};

/** The request of the next turn: the calls of `answer` with their results. */
export const turnAfter = (answer: Accumulated): object => {
  const results = answer.tools.map(({ id }, i) => ({
    type: "tool_result",
    tool_use_id: id,
    content: `result of call ${i}`,
  }));
  const messages = [
    question("calls"),
    { role: "assistant", content: answer.blocks.map(sentBack) },
    { role: "user", content: results },
  ];
  return { tools, messages };
};
