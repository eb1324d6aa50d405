/** Turns over real HTTP with a provider of OpenAI Responses. */
import { afterEach, expect, it } from "vitest";
import type { MessageResponse } from "../../../src/protocol/anthropic.ts";
import { accumulate } from "../../support/accumulate.ts";
import { startProvider, type Script, type ScriptedProvider } from "../../support/provider/server.ts";
import { testRouter, type TestRouter } from "../../support/router.ts";
import { problemsOf } from "../../support/validate-anthropic-stream.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

const started = async (script: Script): Promise<{ up: ScriptedProvider; r: TestRouter }> => {
  const up = await startProvider(script);
  open.push(up);
  const provider = (dialect: string): string =>
    `{ dialect: ${dialect}, baseUrl: "${up.url}/v1", keys: ["sk-test-0123456789"] }`;
  const yaml = `providers:\n  oai: ${provider("openai-responses")}\n  spare: ${provider("openai-chat")}\nroutes: { default: ["oai,gpt-x", "spare,other"] }`;
  const r = await testRouter(yaml);
  open.push(r);
  return { up, r };
};

const longName = `mcp__${"server_".repeat(12)}search`;

it("a turn with reasoning, text and a call of a tool with a long name reaches the client, and the next one the provider, whole", async () => {
  const { up, r } = await started(({ body }) => {
    const [tool] = body["tools"] as { name: string }[];
    return { reasoning: "Hm.", text: "Grüße ✓", tools: [{ name: tool!.name, input: { q: "ü" } }] };
  });
  const tools = [{ name: longName, input_schema: { type: "object" } }];
  const first = accumulate(await (await r.ask({ stream: true, tools })).text());
  expect(problemsOf(first.frames)).toEqual([]);
  expect([first.thinking, first.text]).toEqual(["Hm.", "Grüße ✓"]);
  expect(first.tools).toMatchObject([{ name: longName, input: { q: "ü" } }]);
  expect(up.requests[0]).toMatchObject({ url: "/v1/responses", body: { model: "gpt-x", store: false } });
  expect(up.requests[0]?.headers.authorization).toBe("Bearer sk-test-0123456789");

  const whole = (await (await r.ask({ tools })).json()) as MessageResponse;
  expect(whole.content.map((block) => block.type)).toEqual(["thinking", "text", "tool_use"]);
  const call = whole.content[2] as { id: string };
  const messages = [
    { role: "user", content: "q" },
    { role: "assistant", content: whole.content },
    { role: "user", content: [{ type: "tool_result", tool_use_id: call.id, content: "found" }] },
  ];
  await (await r.ask({ tools, messages })).text();
  const input = up.requests[2]?.body["input"] as { type: string; encrypted_content?: string }[];
  expect(input.map((item) => item.type)).toEqual([
    "message",
    "reasoning",
    "message",
    "function_call",
    "function_call_output",
  ]);
  expect(input[1]?.encrypted_content).toBe("sealed-by-the-script");
});

it("a provider that fails before its first word is passed over for the next target", async () => {
  const { r } = await started(({ url }) =>
    url.endsWith("/responses")
      ? { error: { status: 503, body: '{"error":{"message":"busy","type":"server_error"}}' } }
      : { text: "from the spare one" },
  );
  const res = await r.ask({ stream: true });
  expect(res.headers.get("x-switchyard-target")).toBe("spare,other");
  expect(accumulate(await res.text()).text).toBe("from the spare one");
});

it("a stream that breaks off behind its first words ends in an error, not in half an answer", async () => {
  const { r } = await started(() => ({ text: "long ".repeat(200), cutAfter: 4000 }));
  const answer = accumulate(await (await r.ask({ stream: true })).text());
  expect(answer.text).toMatch(/^long/);
  expect(answer.error?.type).toBe("api_error");
  expect(answer.types).not.toContain("message_stop");
});
