/** The real SDK of Anthropic, with its helpers for streams and tools, on a strict provider of every dialect. */
import Anthropic from "@anthropic-ai/sdk";
import { betaTool } from "@anthropic-ai/sdk/helpers/beta/json-schema";
import { describe, expect, it } from "vitest";
import { closeAfterEach } from "../../support/open.ts";
import { entry, provider, router } from "../../support/openai-router.ts";
import type { TestRouter } from "../../support/router.ts";
import { kinds, parameters, readTwice, startStrict, strictRouter } from "../../support/sdk.ts";

closeAfterEach();

const model = "claude-opus-5-5";
const sdk = (r: TestRouter): Anthropic => new Anthropic({ apiKey: "none", baseURL: r.url, maxRetries: 0 });

/** Lets the SDK run its tool `read` until the model is done. */
const runTools = (
  client: Anthropic,
  stream: boolean,
  onRead: (path: string) => unknown,
): Promise<Anthropic.Beta.BetaMessage> => {
  const tool = betaTool({
    name: "read",
    description: "Reads a file",
    inputSchema: parameters,
    run: (input) => {
      const { path } = input as { path: string };
      onRead(path);
      return `content of ${path}`;
    },
  });
  const messages = [{ role: "user" as const, content: "read both" }];
  return client.beta.messages
    .toolRunner({ model, max_tokens: 1000, messages, tools: [tool], stream })
    .runUntilDone();
};

describe.each(kinds)("the Anthropic SDK on a provider that speaks %s", (kind) => {
  it("has text, thinking and calls from its helper for streams, and a second turn takes them back", async () => {
    const client = sdk(await startStrict(kind, readTwice));
    const tools = [{ name: "read", input_schema: parameters }];
    const stream = client.messages.stream({
      model,
      max_tokens: 1000,
      messages: [{ role: "user", content: "read both" }],
      tools,
    });
    const inputs: unknown[] = [];
    stream.on("contentBlock", (block) => block.type === "tool_use" && inputs.push(block.input));
    const message = await stream.finalMessage();
    expect(message.stop_reason).toBe("tool_use");
    expect(inputs).toEqual([{ path: "a.txt" }, { path: "ü.txt" }]);
    expect(await stream.finalText()).toBe("I read them.");
    expect(message.content.find((block) => block.type === "thinking")?.thinking).toBe("Both are needed.");
    const results = message.content
      .filter((block) => block.type === "tool_use")
      .map((block) => ({
        type: "tool_result" as const,
        tool_use_id: block.id,
        content: `content of ${(block.input as { path: string }).path}`,
      }));
    const second = await client.messages.create({
      model,
      max_tokens: 1000,
      tools,
      messages: [
        { role: "user", content: "read both" },
        { role: "assistant", content: message.content },
        { role: "user", content: results },
      ],
    });
    expect(second.content).toMatchObject([{ type: "text", text: "Read ✓ both." }]);
  });

  it.each([true, false])("runs tools to the end by its tool runner, stream: %s", async (stream) => {
    const { up, r } = await strictRouter(kind, readTwice);
    const client = sdk(r);
    const read: string[] = [];
    const last = await runTools(client, stream, (path) => read.push(path));
    expect(last.content).toMatchObject([{ type: "text", text: "Read ✓ both." }]);
    expect(last.stop_reason).toBe("end_turn");
    expect(read.toSorted()).toEqual(["a.txt", "ü.txt"]);
    // Anthropic holds the conversation itself; to anybody else each request brings all of it.
    const asked = up.requests.at(-1)!.raw;
    expect(asked.includes("read both")).toBe(kind !== "anthropic");
  });

  it("throws the provider's refusal with its status", async () => {
    const client = sdk(
      await startStrict(kind, () => ({
        error: { status: 429, body: '{"error":{"message":"slow down","type":"rate_limit_error"}}' },
      })),
    );
    const asked = client.messages.stream({
      model,
      max_tokens: 9,
      messages: [{ role: "user", content: "x" }],
    });
    const failed = asked.finalMessage();
    await expect(failed).rejects.toThrow(Anthropic.RateLimitError);
    await expect(failed).rejects.toThrow("slow down");
  });
});

it("the tool runner of the Anthropic SDK comes to its end at the next target where Anthropic fails", async () => {
  const claude = await provider(() => ({ error: { status: 500, body: "{}" } }));
  const up = await provider(readTwice);
  const r = await router(
    "providers:",
    entry.anthropic("claude", claude.url),
    entry.chat("up", up.url),
    'routes: { default: ["claude,*", "up,m"] }',
  );
  const last = await runTools(sdk(r), true, () => undefined);
  expect(last.content).toMatchObject([{ type: "text", text: "Read ✓ both." }]);
  expect(up.requests.at(-1)!.raw).toContain("read both");
});
