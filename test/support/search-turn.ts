/** A turn with Claude Code's search, on a model and a search engine on loopback. */
import { expect } from "vitest";
import { accumulate, type Accumulated } from "./accumulate.ts";
import { closing } from "./open.ts";
import { startProvider, type Script, type ScriptedProvider } from "./provider/server.ts";
import { testRouter, type TestRouter } from "./router.ts";
import { fakeEngine, searchKeys, searchLine, type FakeEngine } from "./search-engine.ts";
import { framesOf, problemsOf } from "./validate-anthropic-stream.ts";

/** As Claude Code asks. */
export const searchRequest = {
  system: [{ type: "text", text: "You are an assistant for performing a web search tool use" }],
  messages: [{ role: "user", content: "Perform a web search for the query: newest node" }],
  tools: [{ type: "web_search_20250305", name: "web_search", max_uses: 8 }],
};

export const nodePage = "https://nodejs.org/en/blog/release/v24.0.0";

/** Searches once, then answers. */
export const searchesOnce: Script = ({ body }) =>
  asked(body) === 0
    ? {
        text: "I will search.",
        tools: [{ name: "web_search", input: { query: "newest node" } }],
        usage: { prompt: 100, completion: 10, cached: 40 },
      }
    : {
        text: `Node 24, see [Node.js 24](${nodePage}).`,
        usage: { prompt: 300, completion: 30, cached: 100 },
      };

/** How often the model has called already. */
export const asked = (body: { messages?: { role: string }[]; input?: unknown }): number =>
  ((body.messages ?? body.input ?? []) as { role?: string }[]).filter(({ role }) => role === "assistant")
    .length;

export const forms = {
  "openai-chat": (url: string) => `{ dialect: openai-chat, baseUrl: "${url}/v1", keys: [] }`,
  anthropic: (url: string) =>
    `{ dialect: anthropic, baseUrl: "${url}", keys: [], quirks: { webSearch: none } }`,
  "openai-responses": (url: string) =>
    `{ dialect: openai-responses, baseUrl: "${url}/v1", keys: [], quirks: { webSearch: none } }`,
} as const;

export interface Started {
  up: ScriptedProvider;
  engine: FakeEngine;
  router: TestRouter;
}

export const started = async (
  script: Script,
  options: {
    form?: keyof typeof forms;
    kind?: "tavily" | "brave" | "searxng";
    engine?: FakeEngine;
    more?: string;
  } = {},
): Promise<Started> => {
  const { form = "openai-chat", kind = "tavily", more = "" } = options;
  const up = closing(await startProvider(script));
  const engine = options.engine ?? closing(await fakeEngine(kind));
  const yaml = [
    "server: { headerHold: 60ms, pingInterval: 30ms }",
    `providers: { a: ${forms[form](up.url)} }`,
    "routes: { default: 'a,m', webSearch: 'a,m' }",
    searchLine(kind, engine.url, more),
  ].join("\n");
  return { up, engine, router: closing(await testRouter(yaml, searchKeys)) };
};

/** The answer as a client understands it; the stream is a valid one. */
export const streamed = async (router: TestRouter, body: object = searchRequest): Promise<Accumulated> => {
  const text = await (await router.ask({ ...body, stream: true })).text();
  expect(problemsOf(framesOf(text))).toEqual([]);
  return accumulate(text);
};
