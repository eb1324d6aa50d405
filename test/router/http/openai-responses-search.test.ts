/** Web search for clients of OpenAI's Responses, over real HTTP. */
import { expect, it } from "vitest";
import { closeAfterEach, closing } from "../../support/open.ts";
import { always, chat, entry, provider, respond, router } from "../../support/openai-router.ts";
import { responsesSummary } from "../../support/openai-streams.ts";
import { rawProvider } from "../../support/provider/raw.ts";

closeAfterEach();

const sse = { "content-type": "text/event-stream" };

it("a search of the provider's own comes back as an item, and its citations as annotations", async () => {
  const event = (type: string, fields: object): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
  const stream = [
    event("message_start", {
      message: {
        id: "m",
        type: "message",
        role: "assistant",
        model: "claude-x",
        content: [],
        usage: { input_tokens: 5, output_tokens: 1 },
      },
    }),
    event("content_block_start", {
      index: 0,
      content_block: { type: "server_tool_use", id: "srv_1", name: "web_search", input: {} },
    }),
    event("content_block_delta", {
      index: 0,
      delta: { type: "input_json_delta", partial_json: '{"query":"trains"}' },
    }),
    event("content_block_stop", { index: 0 }),
    event("content_block_start", {
      index: 1,
      content_block: { type: "web_search_tool_result", tool_use_id: "srv_1", content: [] },
    }),
    event("content_block_stop", { index: 1 }),
    event("content_block_start", { index: 2, content_block: { type: "text", text: "" } }),
    event("content_block_delta", { index: 2, delta: { type: "text_delta", text: "See " } }),
    event("content_block_stop", { index: 2 }),
    event("content_block_start", { index: 3, content_block: { type: "text", text: "", citations: [] } }),
    event("content_block_delta", { index: 3, delta: { type: "text_delta", text: "this." } }),
    event("content_block_delta", {
      index: 3,
      delta: {
        type: "citations_delta",
        citation: { type: "web_search_result_location", url: "https://example.com/", title: "T" },
      },
    }),
    event("content_block_stop", { index: 3 }),
    event("message_delta", {
      delta: { stop_reason: "end_turn", stop_sequence: null },
      usage: { output_tokens: 9 },
    }),
    event("message_stop", {}),
  ].join("");
  const up = closing(await rawProvider((res) => res.writeHead(200, sse).end(stream)));
  const r = await router(
    "providers:",
    entry.anthropic("up", up.url),
    'routes: { default: "up,claude-x", webSearch: "up,claude-x" }',
  );
  const seen = responsesSummary(
    await (await respond(r, { stream: true, tools: [{ type: "web_search" }] })).text(),
  );
  expect(seen.problems).toEqual([]);
  expect(seen.output).toMatchObject([
    { type: "web_search_call", action: { type: "search", query: "trains" } },
    {
      type: "message",
      content: [
        { text: "See this.", annotations: [{ url: "https://example.com/", start_index: 4, end_index: 9 }] },
      ],
    },
  ]);
  expect(up.bodies[0]).toContain("web_search_20250305");
  const asChat = await (await chat(r, { stream: true, web_search_options: {} })).text();
  expect(asChat).toContain(
    '"annotations":[{"type":"url_citation","url_citation":{"url":"https://example.com/"',
  );
});

it("a search that is offered beside other tools, as Codex does with every turn, is no turn of searching", async () => {
  const up = await provider(always({ text: "hi" }));
  const r = await router(
    "providers:",
    entry.anthropic("up", up.url),
    'routes: { default: "up,claude-x", webSearch: "up,claude-search" }',
  );
  const own = { type: "function", name: "shell", parameters: {} };
  const search = { type: "web_search", external_web_access: true };
  const offered = await respond(r, { tools: [own, search] });
  expect(offered.headers.get("x-switchyard-rule")).toBe("default");
  expect((up.requests[0]!.body["tools"] as { name: string }[]).map(({ name }) => name)).toEqual([
    "shell",
    "web_search",
  ]);
  for (const fields of [{ tools: [search] }, { tools: [own, search], tool_choice: { type: "web_search" } }])
    expect((await respond(r, fields)).headers.get("x-switchyard-rule")).toBe("webSearch");
});
