/** What clients of OpenAI's kind find where: their endpoints, and the list of models. */
import { describe, expect, it } from "vitest";
import { closeAfterEach } from "../../support/open.ts";
import { entry, post, router } from "../../support/openai-router.ts";

closeAfterEach();

describe("the list of models", () => {
  const yaml = [
    "providers:",
    entry.chat("up", "http://127.0.0.1:9"),
    'routes: { default: "up,x/y:free" }',
    'aliases: { gpt-5: "up,x/y:free", qwen-coder: }',
  ];
  const read = async (url: string, headers: Record<string, string>) =>
    (await fetch(url, { headers })).json() as Promise<{ object?: string; data: { id: string }[] }>;

  it("has OpenAI's form for its clients, aliases included, and Anthropic's for Claude Code", async () => {
    const r = await router(...yaml);
    const openAi = await read(`${r.url}/v1/models`, { authorization: "Bearer x" });
    expect(openAi.object).toBe("list");
    expect(openAi.data.map(({ id }) => id)).toEqual(expect.arrayContaining(["up,x/y:free", "gpt-5"]));
    for (const [query, headers] of [
      ["", { authorization: "Bearer x", "anthropic-version": "2023-06-01" }],
      ["?limit=1000", { authorization: "Bearer x" }],
    ] as const) {
      const anthropic = await read(`${r.url}/v1/models${query}`, headers);
      expect(anthropic.object).toBeUndefined();
      expect(anthropic.data.map(({ id }) => id)).toContain("claude-via/up,x/y:free");
    }
  });

  it("tells of one model by its id, slashes and all", async () => {
    const r = await router(...yaml);
    const at = (id: string) => fetch(`${r.url}/v1/models/${id}`, { headers: { authorization: "Bearer x" } });
    expect(await (await at(encodeURIComponent("up,x/y:free"))).json()).toMatchObject({
      id: "up,x/y:free",
      object: "model",
    });
    expect((await at("gpt-5")).status).toBe(200);
    expect((await at("none")).status).toBe(404);
  });
});

it.each([
  "/v1/chat/completions",
  "/v1/v1/chat/completions",
  "/openai/v1/chat/completions",
  "/openai/chat/completions",
  "/v1/responses",
  "/openai/responses",
  "/openai/v1/responses",
  "/v1/v1/responses",
])("%s is served", async (path) => {
  const r = await router("log: { level: info }");
  const res = await post(r, path, {
    model: "gpt-5",
    messages: [{ role: "user", content: "hi" }],
    input: "hi",
  });
  expect(await res.json()).toMatchObject({
    object: path.endsWith("responses") ? "response" : "chat.completion",
  });
});
