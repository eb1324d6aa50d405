/** The real SDK of OpenAI, with its helpers for streams and tools, on a strict provider of every dialect. */
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import type { RunnableToolFunctionWithParse } from "openai/lib/RunnableFunction";
import type { ResponseInput } from "openai/resources/responses/responses";
import { describe, expect, it } from "vitest";
import { closeAfterEach } from "../../support/open.ts";
import type { TestRouter } from "../../support/router.ts";
import { kinds, parameters, readTwice, startStrict } from "../../support/sdk.ts";

closeAfterEach();

const openAi = (r: TestRouter): OpenAI =>
  new OpenAI({ apiKey: "none", baseURL: `${r.url}/v1`, maxRetries: 0 });

/** What the helpers for streams parsed stands beside what the API gave; the API takes no such fields. */
const asGiven = <Item>(item: Item): Item =>
  JSON.parse(JSON.stringify(item), (name, value: unknown) =>
    name === "parsed" || name === "parsed_arguments" ? undefined : value,
  ) as Item;

describe.each(kinds)("on a provider that speaks %s", (kind) => {
  it("the openai SDK's helper for chat streams runs tools and comes to an end", async () => {
    const r = await startStrict(kind, readTwice);
    const read: string[] = [];
    const tool: RunnableToolFunctionWithParse<{ path: string }> = {
      type: "function",
      function: {
        name: "read",
        description: "Reads a file",
        parameters,
        parse: (json: string) => JSON.parse(json) as { path: string },
        function: ({ path }) => {
          read.push(path);
          return `content of ${path}`;
        },
      },
    };
    const run = openAi(r).chat.completions.runTools({
      model: "gpt-5",
      stream: true,
      stream_options: { include_usage: true },
      messages: [{ role: "user", content: "read both" }],
      tools: [tool],
    });
    expect(await run.finalContent()).toBe("Read ✓ both.");
    expect(read).toEqual(["a.txt", "ü.txt"]);
    const usage = await run.totalUsage();
    expect(usage.prompt_tokens).toBeGreaterThan(300);
  });

  it("the openai SDK's stream of a chat completion comes to the whole one, and a second turn takes it back", async () => {
    const client = openAi(await startStrict(kind, readTwice));
    const tools = [{ type: "function" as const, function: { name: "read", parameters } }];
    const question = { role: "user" as const, content: "read both" };
    const deltas: string[] = [];
    const { choices } = await client.chat.completions
      .stream({ model: "gpt-5", messages: [question], tools })
      .on("content", (delta) => deltas.push(delta))
      .finalChatCompletion();
    const { message, finish_reason: finish } = choices[0]!;
    expect(finish).toBe("tool_calls");
    expect(deltas.join("")).toBe("I read them.");
    const calls = (message.tool_calls ?? []).filter((call) => call.type === "function");
    const paths = calls.map((call) => (JSON.parse(call.function.arguments) as { path: string }).path);
    expect(paths).toEqual(["a.txt", "ü.txt"]);
    const results = calls.map(({ id }, i) => ({
      role: "tool" as const,
      tool_call_id: id,
      content: `content of ${paths[i]}`,
    }));
    const second = await client.chat.completions
      .stream({ model: "gpt-5", messages: [question, asGiven(message), ...results], tools })
      .finalContent();
    expect(second).toBe("Read ✓ both.");
  });

  it("the openai SDK's whole chat completion has calls and usage", async () => {
    const r = await startStrict(kind, readTwice);
    const answer = await openAi(r).chat.completions.create({
      model: "gpt-5",
      messages: [{ role: "user", content: "read both" }],
      tools: [{ type: "function", function: { name: "read", parameters } }],
    });
    const [choice] = answer.choices;
    expect(choice?.finish_reason).toBe("tool_calls");
    expect(choice?.message.content).toBe("I read them.");
    const calls = choice?.message.tool_calls ?? [];
    expect(
      calls.map((call) =>
        call.type === "function" ? (JSON.parse(call.function.arguments) as unknown) : call,
      ),
    ).toEqual([{ path: "a.txt" }, { path: "ü.txt" }]);
    expect(answer.usage).toMatchObject({ prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 });
  });

  it("the openai SDK's helper for responses has the items, and a second turn takes them back", async () => {
    const r = await startStrict(kind, readTwice);
    const client = openAi(r);
    const tools = [{ type: "function" as const, name: "read", parameters, strict: false }];
    const input: ResponseInput = [{ role: "user", content: "read both" }];
    const deltas: string[] = [];
    const first = await client.responses
      .stream({ model: "gpt-5", input, tools, store: false, include: ["reasoning.encrypted_content"] })
      .on("response.output_text.delta", ({ delta }) => deltas.push(delta))
      .finalResponse();
    expect(first.output_text).toBe("I read them.");
    expect(deltas.join("")).toBe("I read them.");
    const calls = first.output.filter((item) => item.type === "function_call");
    expect(calls.map((call) => JSON.parse(call.arguments) as unknown)).toEqual([
      { path: "a.txt" },
      { path: "ü.txt" },
    ]);
    const results = calls.map((call) => ({
      type: "function_call_output" as const,
      call_id: call.call_id,
      output: `content of ${(JSON.parse(call.arguments) as { path: string }).path}`,
    }));
    const second = await client.responses.create({
      model: "gpt-5",
      store: false,
      tools,
      input: [...input, ...(asGiven(first.output) as ResponseInput), ...results],
    });
    expect(second.output_text).toBe("Read ✓ both.");
    expect(second.usage).toMatchObject({
      input_tokens: 300,
      output_tokens: 9,
      input_tokens_details: { cached_tokens: expect.any(Number) },
    });
  });

  it("the openai SDK throws the provider's refusal with its status", async () => {
    const r = await startStrict(kind, () => ({
      error: {
        status: 429,
        body: '{"error":{"message":"slow down","type":"rate_limit_error"}}',
        headers: { "retry-after": "3" },
      },
    }));
    const asked = openAi(r).chat.completions.create({
      model: "gpt-5",
      messages: [{ role: "user", content: "x" }],
    });
    await expect(asked).rejects.toThrow(OpenAI.RateLimitError);
    await expect(asked).rejects.toThrow("slow down");
  });
});

it("both SDKs list the models, each in its own form", async () => {
  const r = await startStrict("chat", () => ({ text: "hi" }));
  const own = [];
  for await (const model of openAi(r).models.list()) own.push(model.id);
  expect(own).toEqual(expect.arrayContaining(["up,claude-opus-5-5", "gpt-5"]));
  const theirs = [];
  for await (const model of new Anthropic({ apiKey: "none", baseURL: r.url }).models.list())
    theirs.push(model.id);
  expect(theirs).toContain("claude-via/up,claude-opus-5-5");
});
