/** One conversation of a client of OpenAI's or Google's over all providers and back, with calls in flight; each provider refuses what its rules forbid. */
import { expect, it } from "vitest";
import { closeAfterEach } from "../../support/open.ts";
import { geminiSeen } from "../../support/gemini-answers.ts";
import { chat, entry, post, provider, respond, router } from "../../support/openai-router.ts";
import { chatSummary, responsesSummary } from "../../support/openai-streams.ts";
import { strictly } from "../../support/strict/script.ts";
import type { TestRouter } from "../../support/router.ts";

closeAfterEach();

const kinds = { claude: "anthropic", chat: "chat", gpt: "responses", google: "gemini" } as const;
const dialectOf = {
  anthropic: "anthropic",
  chat: "openai-chat",
  responses: "openai-responses",
  gemini: "gemini",
} as const;
const models = {
  claude: "claude-opus-5-5",
  chat: "m",
  gpt: "gpt-5.6",
  google: "gemini-3-pro-preview",
} as const;
const way = ["claude", "google", "chat", "claude", "gpt", "claude", "gpt", "google", "chat"] as const;

/** Signatures and sealed reasoning that the scripted providers give out. */
const issued = {
  claude: new Set(["c2lnbmVkIGJ5IHRoZSBzY3JpcHQ="]),
  chat: new Set<string>(),
  gpt: new Set(["sealed-by-the-script"]),
  google: new Set(["c2lnbmVkIGJ5IHRoZSBzY3JpcHQ="]),
};

const start = async (): Promise<TestRouter> => {
  const lines: string[] = [];
  for (const name of ["claude", "chat", "gpt", "google"] as const) {
    let turn = 0;
    const kind = kinds[name];
    const script = strictly(dialectOf[kind], { issued: issued[name], model: models[name] }, () => {
      turn++;
      return {
        reasoning: `${name} thinks.`,
        text: `from ${name}`,
        tools: ["a", "b"].map((file) => ({ name: "read", input: { file }, id: `${name}_${turn}_${file}` })),
      };
    });
    lines.push(entry[kind](name, (await provider(script)).url));
  }
  return router("providers:", ...lines, 'routes: { default: "claude,claude-opus-5-5" }');
};

const parameters = { type: "object", properties: { file: { type: "string" } }, required: ["file"] };

it("goes on with chat completions", async () => {
  const r = await start();
  const tools = [{ type: "function", function: { name: "read", parameters } }];
  const messages: object[] = [
    { role: "system", content: "be brief" },
    { role: "user", content: "read both" },
  ];
  for (const name of way) {
    const res = await chat(r, {
      model: `${name},${models[name]}`,
      stream: true,
      tools,
      messages,
      reasoning_effort: "high",
    });
    const sse = await res.text();
    expect([name, res.status, sse.slice(0, 300)]).toEqual([name, 200, expect.any(String)]);
    const seen = chatSummary(sse, { includeUsage: false });
    // Pieces of parallel calls may be mixed where a provider's bytes pass.
    const problems = seen.problems.filter((problem) => problem !== "a piece of an earlier call");
    expect([name, problems, seen.content]).toEqual([name, [], `from ${name}`]);
    expect(seen.tool_calls.map((call) => JSON.parse(call.arguments) as unknown)).toEqual([
      { file: "a" },
      { file: "b" },
    ]);
    messages.push({
      role: "assistant",
      content: seen.content,
      reasoning_content: seen.reasoning_content,
      ...(seen.reasoning_details.length > 0 && { reasoning_details: seen.reasoning_details }),
      tool_calls: seen.tool_calls.map(({ id, name: called, arguments: json }) => ({
        id,
        type: "function",
        function: { name: called, arguments: json },
      })),
    });
    for (const { id } of seen.tool_calls)
      messages.push({ role: "tool", tool_call_id: id, content: `content for ${id}` });
  }
});

it("goes on with responses", async () => {
  const r = await start();
  const tools = [{ type: "function", name: "read", parameters, strict: false }];
  const input: object[] = [{ role: "user", content: "read both" }];
  for (const name of way) {
    const res = await respond(r, {
      model: `${name},${models[name]}`,
      instructions: "be brief",
      stream: true,
      store: false,
      include: ["reasoning.encrypted_content"],
      tools,
      input,
    });
    const sse = await res.text();
    expect([name, res.status, sse.slice(0, 300)]).toEqual([name, 200, expect.any(String)]);
    const seen = responsesSummary(sse);
    expect([name, seen.problems, seen.text]).toEqual([name, [], `from ${name}`]);
    const calls = seen.output.filter((item) => item["type"] === "function_call");
    expect(calls.map((call) => JSON.parse(String(call["arguments"])) as unknown)).toEqual([
      { file: "a" },
      { file: "b" },
    ]);
    input.push(...seen.output);
    for (const call of calls)
      input.push({
        type: "function_call_output",
        call_id: call["call_id"],
        output: `content for ${String(call["call_id"])}`,
      });
  }
});

/** What becomes of the parts in a client of Google's: kept as they are, or without thoughts and with the client's own ids, as Gemini CLI does. */
const keepers = {
  "as it got them": (parts: readonly object[]): readonly object[] => parts,
  "without thoughts": (parts: readonly object[]): readonly object[] =>
    parts.filter((part) => !("thought" in part)),
};

it.each(Object.entries(keepers))("goes on with Google's form, its parts %s", async (_, keep) => {
  const r = await start();
  const tools = [{ functionDeclarations: [{ name: "read", parametersJsonSchema: parameters }] }];
  const contents: object[] = [{ role: "user", parts: [{ text: "read both" }] }];
  for (const name of way) {
    const model = encodeURIComponent(`${name},${models[name]}`);
    const res = await post(r, `/v1beta/models/${model}:streamGenerateContent?alt=sse`, {
      systemInstruction: { parts: [{ text: "be brief" }] },
      contents,
      tools,
      generationConfig: { thinkingConfig: { includeThoughts: true, thinkingLevel: "HIGH" } },
    });
    const sse = await res.text();
    expect([name, res.status, sse.slice(0, 300)]).toEqual([name, 200, expect.any(String)]);
    const seen = geminiSeen(sse);
    expect([name, seen.problems, seen.text, seen.thoughts]).toEqual([
      name,
      [],
      `from ${name}`,
      `${name} thinks.`,
    ]);
    expect(seen.calls.map(({ args }) => args)).toEqual([{ file: "a" }, { file: "b" }]);
    const said = seen.parts.filter((part) => part.text !== "" || part.thoughtSignature !== undefined);
    contents.push({ role: "model", parts: keep(said) });
    const results = seen.calls.map(({ id, name: called }) => ({
      functionResponse: { id, name: called, response: { output: `content for ${String(id)}` } },
    }));
    contents.push({ role: "user", parts: results });
  }
});
