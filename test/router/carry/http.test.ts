/** Carrying over real HTTP, with providers that answer 400 to what their rules forbid, and the flags that decide whom a turn is sent to. */
import { afterEach, describe, expect, it } from "vitest";
import type { ContentBlock } from "../../../src/protocol/anthropic.ts";
import { accumulate } from "../../support/accumulate.ts";
import type { ScriptedAnswer } from "../../support/provider/chat-stream.ts";
import { startProvider, type Script, type ScriptedProvider } from "../../support/provider/server.ts";
import { type TestRouter, testRouter } from "../../support/router.ts";
import { strictly } from "../../support/strict/script.ts";
import { problemsOf } from "../../support/validate-anthropic-stream.ts";
import { Conversation } from "./conversation.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

const opened = async <Server extends { close(): Promise<void> }>(
  starting: Promise<Server>,
): Promise<Server> => {
  const server = await starting;
  open.push(server);
  return server;
};
const provider = (script: Script): Promise<ScriptedProvider> => opened(startProvider(script));
const router = (yaml: string): Promise<TestRouter> => opened(testRouter(yaml));

const line = (name: string, dialect: string, url: string, quirks = "{}"): string =>
  `  ${name}: { dialect: ${dialect}, baseUrl: "${url}${dialect === "anthropic" ? "" : "/v1"}", keys: [], quirks: ${quirks} }`;

/** The blocks that the client keeps of a streamed answer. */
const streamed = async (res: Response): Promise<ContentBlock[]> => {
  const sse = await res.text();
  expect(res.status, sse).toBe(200);
  const answer = accumulate(sse);
  expect(problemsOf(answer.frames)).toEqual([]);
  return answer.blocks.map(({ start, text, thinking, signature, input }) => ({
    ...start,
    ...("text" in start && { text }),
    ...("thinking" in start && { thinking, signature }),
    ...("input" in start && { input }),
  })) as unknown as ContentBlock[];
};

describe("a conversation in the middle of its tool calls", () => {
  const calls = [
    { name: "Read", input: { file_path: "/a", limit: 1 } },
    { name: "Bash", input: { command: "ls" } },
  ];

  it("goes over three strict providers and back, though the router restarts between the turns", async () => {
    const used = new Map<string, number>();
    // Ids are new in each turn, as Anthropic's are, or count anew, as Kimi's do.
    const answers =
      (name: string, more: ScriptedAnswer, counted = false): Script =>
      () => {
        const n = (used.get(name) ?? 0) + 1;
        used.set(name, n);
        const id = (i: number): string => (counted ? `functions.x:${i}` : `${name}_${n}_${i}`);
        return { ...more, text: `from ${name}`, tools: calls.map((call, i) => ({ ...call, id: id(i) })) };
      };
    const signed = new Set(["c2lnbmVkIGJ5IHRoZSBzY3JpcHQ="]);
    const claude = await provider(
      strictly(
        "anthropic",
        { issued: signed, systemInside: true, topFields: ["context_management"] },
        answers("claude", { reasoning: "I think." }),
      ),
    );
    const kimi = await provider(
      strictly(
        "openai-chat",
        { issued: new Set(), messageFields: ["reasoning_content"] },
        answers("kimi", { reasoning: "Hm." }, true),
      ),
    );
    const glm = await provider(
      strictly("anthropic", { issued: new Set(), lenientThinking: true }, answers("glm", {})),
    );
    const yaml = [
      "providers:",
      line("claude", "anthropic", claude.url, "{ rawStream: true }"),
      line("kimi", "openai-chat", kimi.url, "{ sendReasoning: reasoning_content, toolIdLength: 40 }"),
      line("glm", "anthropic", glm.url, "{ inlineSystemMessages: true, dropFields: [context_management] }"),
      'routes: { default: ["glm,glm-5"] }',
    ].join("\n");

    const conversation = new Conversation();
    const tour = ["claude,claude-sonnet-4-5", "kimi,kimi-k2", "glm,glm-5"];
    for (const model of [...tour, ...tour, ...tour.toReversed()]) {
      const r = await testRouter(yaml);
      try {
        const res = await r.ask({ ...conversation.request(), model, stream: true });
        const content = await streamed(res);
        expect(content.filter((block) => block.type === "tool_use").map((block) => block.input)).toEqual(
          calls.map((call) => call.input),
        );
        conversation.answered(content);
      } finally {
        await r.close();
      }
    }
    expect(claude.requests).toHaveLength(3);
    expect(claude.requests[1]?.raw).toContain([...signed][0]);
    expect(glm.requests.map((request) => request.raw).join("")).not.toContain([...signed][0]);
  });
});

describe("a model that calls no tools", () => {
  const tools = [{ name: "Read", input_schema: { type: "object" } }];

  it("gives way to the next target that can", async () => {
    const up = await provider(() => ({ text: "hi" }));
    const r = await router(
      `providers:\n${line("small", "openai-chat", up.url, "{ noTools: true }")}\n${line("big", "openai-chat", up.url)}\nroutes: { default: ["small,s", "big,b"] }`,
    );
    const res = await r.ask({ tools });
    expect(res.status).toBe(200);
    expect(res.headers.get("x-switchyard-target")).toBe("big,b");
    expect(up.requests.map((request) => request.body.model)).toEqual(["b"]);
    expect((await r.ask()).headers.get("x-switchyard-target")).toBe("small,s");
  });

  it("is a clear error where it is the only one, and nobody is called", async () => {
    const up = await provider(() => ({ text: "hi" }));
    const r = await router(
      `providers:\n${line("small", "openai-chat", up.url)}\nmodels: { "small,s": { tools: false } }\nroutes: { default: "small,s" }`,
    );
    const res = await r.ask({ tools, stream: true });
    expect(res.status).toBe(400);
    expect(await res.text()).toContain("small,s calls no tools");
    expect(up.requests).toEqual([]);
  });
});

it.each(["openai-chat", "anthropic"])(
  "a %s provider whose streams are broken answers whole, and the client gets its stream",
  async (dialect) => {
    const up = await provider((request) =>
      request.body.stream === true
        ? { text: "broken", cutAfter: 30 }
        : { text: "whole", tools: [{ name: "f", input: { a: 1 } }] },
    );
    const r = await router(
      `providers:\n${line("up", dialect, up.url, "{ noStream: true }")}\nroutes: { default: "up,m" }`,
    );
    const content = await streamed(await r.ask({ stream: true }));
    expect(content).toMatchObject([
      { type: "text", text: "whole" },
      { type: "tool_use", name: "f", input: { a: 1 } },
    ]);
    expect(up.requests[0]?.body.stream).toBe(false);
  },
);
