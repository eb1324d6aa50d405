import { expect, test } from "vitest";
import { completed, event, received, said, sent, whole } from "../../../support/responses-sse.ts";

const call = {
  id: "ws_1-a",
  type: "web_search_call",
  status: "completed",
  action: { type: "search", query: "rust", sources: [{ type: "url", url: "https://rust-lang.org/" }] },
};
const citation = {
  type: "url_citation",
  start_index: 0,
  end_index: 4,
  url: "https://rust-lang.org/",
  title: "Rust",
};

test("a search of the provider's comes as the client knows searches, with its sources and citations", () => {
  const answer = received([
    event("output_item.added", {
      output_index: 0,
      item: { ...call, action: undefined, status: "in_progress" },
    }),
    event("web_search_call.searching", { output_index: 0 }),
    event("output_item.done", { output_index: 0, item: call }),
    ...said(1, "Rust."),
    event("output_text.annotation.added", { output_index: 1, content_index: 0, annotation: citation }),
    event("output_item.done", {
      output_index: 1,
      item: { type: "message", content: [{ type: "output_text", text: "Rust.", annotations: [citation] }] },
    }),
    completed(),
  ]);
  expect(answer.blocks.map((block) => block.type)).toEqual([
    "server_tool_use",
    "web_search_tool_result",
    "text",
  ]);
  const [use, result] = answer.blocks;
  expect(use).toMatchObject({ name: "web_search", id: "srvtoolu_ws_1_a", input: { query: "rust" } });
  expect(result?.start).toMatchObject({
    tool_use_id: "srvtoolu_ws_1_a",
    content: [{ type: "web_search_result", url: "https://rust-lang.org/" }],
  });
  const deltas = answer.frames.map((frame) => frame.data["delta"]);
  const cited = deltas.filter(
    (delta) => (delta as { type?: string } | undefined)?.type === "citations_delta",
  );
  expect(cited).toHaveLength(1);
  expect(cited).toContainEqual({
    type: "citations_delta",
    citation: expect.objectContaining({
      type: "web_search_result_location",
      url: citation.url,
      title: "Rust",
    }),
  });
  expect(answer.stopReason).toBe("end_turn");
  expect(answer.usage["server_tool_use"]).toEqual({ web_search_requests: 1 });
});

test("a whole answer has its citations too, once", () => {
  const text = { type: "output_text", text: "Rust.", annotations: [citation] };
  const answer = whole([call, { type: "message", content: [text] }]);
  if (!("message" in answer)) throw new Error(answer.failure.message);
  expect(answer.message.content[2]).toMatchObject({ type: "text", citations: [{ url: citation.url }] });
});

test("a search that failed is an error result, and opening a page is no search", () => {
  const answer = received([
    event("output_item.done", { output_index: 0, item: { ...call, status: "failed" } }),
    event("output_item.done", {
      output_index: 1,
      item: { ...call, id: "ws_2", action: { type: "open_page", url: "u" } },
    }),
    ...said(2, "x"),
    completed(),
  ]);
  expect(answer.blocks.map((block) => block.type)).toEqual([
    "server_tool_use",
    "web_search_tool_result",
    "text",
  ]);
  expect(answer.blocks[1]?.start["content"]).toMatchObject({ type: "web_search_tool_result_error" });
});

test("the client's search becomes the provider's, with its limits; sources are asked for", () => {
  const body = sent({
    tools: [
      { type: "web_search_20250305", name: "web_search", max_uses: 8, blocked_domains: ["a.example"] },
      { name: "Read", input_schema: { type: "object" } },
    ],
    tool_choice: { type: "tool", name: "web_search" },
  });
  expect(body.tools?.map((tool) => tool.type)).toEqual(["function", "web_search"]);
  expect(body.tools?.[1]).toEqual({ type: "web_search", filters: { blocked_domains: ["a.example"] } });
  expect(body["max_tool_calls"]).toBe(8);
  expect(body["tool_choice"]).toEqual({ type: "web_search" });
  expect(body["include"]).toContain("web_search_call.action.sources");
});

test("a search of an earlier turn does not break the next one", () => {
  const { input } = sent({
    messages: [
      { role: "user", content: "q" },
      {
        role: "assistant",
        content: [
          { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "q" } },
          {
            type: "web_search_tool_result",
            tool_use_id: "srvtoolu_1",
            content: [{ type: "web_search_result", url: "https://a.example/", title: "A" }],
          } as never,
          { type: "text", text: "It is so." },
        ],
      },
      { role: "user", content: "sure?" },
    ],
  });
  expect(input.map((item) => ("role" in item ? item.role : item.type))).toEqual([
    "user",
    "assistant",
    "user",
  ]);
  expect(JSON.stringify(input[1])).toContain("https://a.example/");
});
