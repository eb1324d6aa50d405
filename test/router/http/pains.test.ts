/** What went wrong for users of other routers, seen from the client's side. docs/pains.md names these tests and those elsewhere. */
import { describe, expect, it } from "vitest";
import { accumulate } from "../../support/accumulate.ts";
import { closeAfterEach, closing } from "../../support/open.ts";
import { anthropicMessage } from "../../support/provider/anthropic-stream.ts";
import { rawProvider, type RawAnswer, type RawProvider } from "../../support/provider/raw.ts";
import { type ScriptedProvider, startProvider } from "../../support/provider/server.ts";
import { testRouter, type TestRouter } from "../../support/router.ts";
import { problemsOf } from "../../support/validate-anthropic-stream.ts";

closeAfterEach();

const raw = async (answer: RawAnswer): Promise<RawProvider> => closing(await rawProvider(answer));
const scripted = async (): Promise<ScriptedProvider> =>
  closing(await startProvider(() => ({ text: "hi", usage: { prompt: 1000, completion: 20, cached: 800 } })));
const behind = async (provider: string): Promise<TestRouter> =>
  closing(
    await testRouter(`providers: { p: ${provider} }\nroutes: { default: "p,m" }`, { K: "sk-0123456789" }),
  );

/** What Claude Code sends today beside what providers of Anthropic's form document. */
const today = {
  model: "claude-opus-5-5",
  system: [{ type: "text", text: "You help.", cache_control: { type: "ephemeral" } }],
  messages: [
    { role: "user", content: [{ type: "text", text: "hi" }] },
    { role: "system", content: [{ type: "text", text: "Be brief.", cache_control: { type: "ephemeral" } }] },
  ],
  tools: [
    { name: "Bash", input_schema: { type: "object" } },
    { name: "Later", defer_loading: true, input_schema: { type: "object" } },
  ],
  context_management: { edits: [{ type: "clear_thinking_20251015", keep: "all" }] },
  safeguards: [{ type: "dangerous_tool_use", classifier_context: { v: 1 } }],
};
const betas = { "anthropic-beta": "context-management-2025-06-27,dangerous-tool-use-2026-09-03" };

const presets = [
  "zai",
  "bigmodel",
  "moonshot",
  "deepseek",
  "minimax",
  "openrouter-anthropic",
  "litellm-anthropic",
];

it.each(presets)("%s, which answers 400 to unknown beta fields, is sent none of them", async (preset) => {
  const up = await raw((res, { req, body }) => {
    const found = /context_management|safeguards|defer_loading|"role":"system"/.exec(body)?.[0];
    const refused = found ?? (req.headers["anthropic-beta"] === undefined ? undefined : "anthropic-beta");
    res.writeHead(refused === undefined ? 200 : 400, { "content-type": "application/json" });
    const error = { type: "error", error: { type: "invalid_request_error", message: `unknown: ${refused}` } };
    res.end(refused === undefined ? anthropicMessage({ text: "hi" }, "m") : JSON.stringify(error));
  });
  const r = await behind(`{ preset: ${preset}, baseUrl: "${up.url}", keys: ["\${K}"] }`);
  const res = await r.ask(today, betas);
  expect(await res.text()).toContain('"text":"hi"');
  expect(up.bodies[0]).toContain("Be brief.");
});

it("cache markers of a short prompt never become cached content, which Gemini refuses below 1024 tokens", async () => {
  const up = await scripted();
  const r = await behind(`{ preset: gemini, baseUrl: "${up.url}/v1beta", keys: ["\${K}"] }`);
  expect((await r.ask(today)).status).toBe(200);
  expect(up.requests.map(({ url }) => url)).toEqual([
    expect.stringMatching(/^\/v1beta\/models\/m:\w*enerateContent/i),
  ]);
  expect(up.requests[0]!.raw).not.toMatch(/cache/i);
});

describe("tokens that were read from the cache", () => {
  it.each([
    ["openai-chat", "/v1"],
    ["openai-responses", "/v1"],
    ["gemini", "/v1beta"],
  ])("of %s are not counted as input a second time", async (dialect, path) => {
    const up = await scripted();
    const r = await behind(`{ dialect: ${dialect}, baseUrl: "${up.url}${path}", keys: [] }`);
    const { usage } = (await (await r.ask()).json()) as { usage: object };
    expect(usage).toMatchObject({ input_tokens: 200, cache_read_input_tokens: 800, output_tokens: 20 });
    const streamed = accumulate(await (await r.ask({ stream: true })).text());
    expect(streamed.usage).toMatchObject({
      input_tokens: 200,
      cache_read_input_tokens: 800,
      output_tokens: 20,
    });
  });
});

it("two message_start, and thinking inside of a text block, reach the client as one valid message", async () => {
  const event = (type: string, fields: object): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
  const start = event("message_start", {
    message: {
      id: "m1",
      type: "message",
      role: "assistant",
      model: "m",
      content: [],
      usage: { input_tokens: 1 },
    },
  });
  const delta = (delta: object): string => event("content_block_delta", { index: 0, delta });
  const up = await raw((res) =>
    res
      .writeHead(200, { "content-type": "text/event-stream" })
      .end(
        start +
          start +
          event("content_block_start", { index: 0, content_block: { type: "text", text: "" } }) +
          delta({ type: "thinking_delta", thinking: "hm" }) +
          delta({ type: "text_delta", text: "Yes." }) +
          event("content_block_stop", { index: 0 }) +
          event("message_delta", { delta: { stop_reason: "end_turn" }, usage: { output_tokens: 3 } }) +
          event("message_stop", {}),
      ),
  );
  const r = await behind(`{ dialect: anthropic, baseUrl: "${up.url}", keys: [] }`);
  const answer = accumulate(await (await r.ask({ stream: true })).text());
  expect(problemsOf(answer.frames)).toEqual([]);
  expect(answer.blocks.map(({ type }) => type)).toEqual(["thinking", "text"]);
  expect(answer).toMatchObject({ thinking: "hm", text: "Yes." });
});

it("each turn of a session begins with the bytes of the turn before, so that a provider's cache is hit", async () => {
  const up = await scripted();
  const r = await behind(`{ dialect: openai-chat, baseUrl: "${up.url}/v1", keys: [] }`);
  const line = (n: number): object => ({ type: "text", text: `x-anthropic-billing-header: cch=${n};` });
  const first = [{ role: "user", content: "read it" }];
  const call = { type: "tool_use", id: "toolu_1", name: "Read", input: { path: "/a" } };
  const result = {
    type: "tool_result",
    tool_use_id: "toolu_1",
    content: "text",
    cache_control: { type: "ephemeral" },
  };
  await r.ask({ system: [line(1), ...today.system], messages: first });
  await r.ask({
    system: [line(2), ...today.system],
    messages: [
      { role: "user", content: [{ type: "text", text: "read it", cache_control: { type: "ephemeral" } }] },
      { role: "assistant", content: [call] },
      { role: "user", content: [result] },
    ],
  });
  const [one, two] = up.requests.map(({ body }) => JSON.stringify(body.messages).slice(0, -1));
  expect(two!.startsWith(one!)).toBe(true);
  expect(two!.length).toBeGreaterThan(one!.length);
});

it("an error in the middle of a stream of OpenRouter's is an error to the client, not a regular end without usage", async () => {
  const chunk = (fields: object): string => `data: ${JSON.stringify({ id: "gen-1", ...fields })}\n\n`;
  const up = await raw((res) =>
    res.writeHead(200, { "content-type": "text/event-stream" }).end(
      ": OPENROUTER PROCESSING\n\n" +
        chunk({ choices: [{ index: 0, delta: { content: "Half" }, finish_reason: null }] }) +
        chunk({
          error: { code: "server_error", message: "Provider disconnected unexpectedly" },
          choices: [{ index: 0, delta: { content: "" }, finish_reason: "error" }],
        }),
    ),
  );
  const r = await behind(`{ preset: openrouter, baseUrl: "${up.url}", keys: ["\${K}"] }`);
  const answer = accumulate(await (await r.ask({ stream: true })).text());
  expect(answer.text).toBe("Half");
  expect(answer.error?.message).toContain("Provider disconnected unexpectedly");
  expect(answer.types).not.toContain("message_stop");
});
