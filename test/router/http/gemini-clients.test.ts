/** Clients of Google's Gemini API over real HTTP. */
import { describe, expect, it } from "vitest";
import { geminiSeen } from "../../support/gemini-answers.ts";
import { geminiStream, lastChunk, partsChunk } from "../../support/gemini-sse.ts";
import { closeAfterEach, closing } from "../../support/open.ts";
import { always, entry, post, provider, router } from "../../support/openai-router.ts";
import { rawProvider } from "../../support/provider/raw.ts";
import type { TestRouter } from "../../support/router.ts";

closeAfterEach();

const contents = [{ role: "user", parts: [{ text: "say hi" }] }];
const generate = (
  r: TestRouter,
  fields: object = {},
  { path = "/v1beta/models/gemini-x:generateContent", headers = {} } = {},
): Promise<Response> => post(r, path, { contents, ...fields }, headers);
const streamed = "/v1beta/models/gemini-x:streamGenerateContent";

interface GoogleError {
  error: { code: number; message: string; status: string; details?: { retryDelay?: string }[] };
}

const onChat = async (script: Parameters<typeof provider>[0], ...more: string[]) => {
  const up = await provider(script);
  const r = await router(...more, "providers:", entry.chat("up", up.url), 'routes: { default: "up,m" }');
  return { up, r };
};

/** A provider of Google's form that sends these bytes. */
const onGoogle = async (bytes: Buffer | object, more = "", model = "gemini-3-pro-preview") => {
  const whole = !Buffer.isBuffer(bytes);
  const paths: string[] = [];
  const up = closing(
    await rawProvider((res, { req }) => {
      paths.push(req.url ?? "");
      res.writeHead(200, { "content-type": whole ? "application/json" : "text/event-stream" });
      res.end(whole ? JSON.stringify(bytes) : bytes);
    }),
  );
  const line = `  up: { dialect: gemini, baseUrl: "${up.url}/v1beta", keys: ["AIza-0123456789"]${more} }`;
  return {
    up,
    paths,
    r: await router("providers:", line, `routes: { default: "up,${model}", webSearch: "up,${model}" }`),
  };
};

describe("the answer", () => {
  it("comes as a stream of events, or as one array that is valid at every end", async () => {
    const { r } = await onChat(
      always({ reasoning: "hmm", text: "Grüße ✓", tools: [{ name: "f", input: { a: "ü" } }] }),
    );
    for (const [path, type] of [
      [`${streamed}?alt=sse`, "text/event-stream"],
      [streamed, "application/json"],
    ] as const) {
      const res = await generate(r, {}, { path });
      expect(res.headers.get("content-type")).toContain(type);
      expect(res.headers.get("x-switchyard-target")).toBe("up,m");
      const seen = geminiSeen(await res.text());
      expect([seen.problems, seen.text, seen.finish]).toEqual([[], "Grüße ✓", "STOP"]);
      // They were not asked for.
      expect(seen.thoughts).toBe("");
      expect(seen.calls).toMatchObject([{ name: "f", args: { a: "ü" } }]);
      expect(seen.usage).toMatchObject({
        promptTokenCount: 100,
        candidatesTokenCount: 20,
        totalTokenCount: 120,
      });
    }
  });

  it("is an array with an error at its end where the provider breaks off", async () => {
    const up = closing(
      await rawProvider((res) => {
        res.writeHead(200, { "content-type": "text/event-stream" });
        res.write('data: {"choices":[{"delta":{"content":"half"}}]}\n\n', () => res.destroy());
      }),
    );
    const r = await router("providers:", entry.chat("up", up.url), 'routes: { default: "up,m" }');
    const seen = geminiSeen(await (await generate(r, {}, { path: streamed })).text());
    expect([seen.problems, seen.text, seen.error?.code]).toEqual([[], "half", 502]);
  });
});

describe("the request", () => {
  it("may be written in snake case, with one item where a list is meant, and calls without ids", async () => {
    const { up, r } = await onChat(always({ text: "ok" }));
    const png = { mime_type: "image/png", data: "iVBORw0KGgo=" };
    const call = (city: string): object => ({ functionCall: { name: "weather", args: { city } } });
    const result = (degrees: number): object => ({
      functionResponse: { name: "weather", response: { degrees } },
    });
    const res = await generate(r, {
      system_instruction: { parts: { text: "be brief" } },
      contents: [
        { parts: [{ text: "look" }, { inline_data: png }] },
        { role: "model", parts: [call("Bern"), call("Rom")] },
        { role: "function", parts: [result(3), result(20)] },
      ],
      tools: {
        function_declarations: [
          {
            name: "weather",
            parameters: { type: "OBJECT", properties: { city: { type: "STRING", nullable: true } } },
          },
        ],
      },
      tool_config: { function_calling_config: { mode: "ANY", allowed_function_names: ["weather"] } },
      generation_config: {
        max_output_tokens: 50,
        stop_sequences: ["END"],
        response_mime_type: "application/json",
      },
      safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }],
    });
    expect([res.status, res.headers.get("x-switchyard-ignored")]).toEqual([200, "safetySettings"]);
    const { body } = up.requests[0]!;
    const { messages, tools } = body as unknown as {
      messages: { role: string; content: unknown; tool_calls?: { id: string }[]; tool_call_id?: string }[];
      tools: { function: { parameters: object } }[];
    };
    expect(messages.map(({ role }) => role)).toEqual(["system", "user", "assistant", "tool", "tool"]);
    expect(JSON.stringify(messages[1])).toContain("data:image/png;base64,iVBORw0KGgo=");
    const ids = messages[2]!.tool_calls!.map(({ id }) => id);
    expect(new Set(ids).size).toBe(2);
    expect(messages.slice(3).map(({ tool_call_id: id, content }) => [id, content])).toEqual([
      [ids[0], '{"degrees":3}'],
      [ids[1], '{"degrees":20}'],
    ]);
    expect(tools[0]!.function.parameters).toEqual({
      type: "object",
      properties: { city: { type: ["string", "null"] } },
    });
    expect(body).toMatchObject({ stop: ["END"], response_format: { type: "json_object" } });
  });

  it("may have its numbers as texts, and ask for events by either name", async () => {
    const { up, r } = await onChat(always({ text: "ok" }));
    const generationConfig = { temperature: "0.5", maxOutputTokens: "100", top_p: 0.9 };
    for (const name of ["alt", "%24alt"]) {
      const res = await generate(r, { generationConfig }, { path: `${streamed}?${name}=sse` });
      expect(res.headers.get("content-type")).toContain("text/event-stream");
      expect(geminiSeen(await res.text()).text).toBe("ok");
    }
    expect(up.requests.map(({ body }) => body)).toMatchObject(
      [1, 2].map(() => ({ temperature: 0.5, max_tokens: 100, top_p: 0.9 })),
    );
    const wrong = await generate(r, { generationConfig: { maxOutputTokens: "many" } });
    expect([wrong.status, await wrong.text()]).toEqual([400, expect.stringContaining('found \\"many\\"')]);
  });

  it("names a target in its path, slashes, colons and commas included, or goes by a profile's routes", async () => {
    const { up, r } = await onChat(
      always({ text: "ok" }),
      'profiles: { special: { routes: { default: "up,of-the-profile" } } }',
    );
    for (const path of [
      "/v1beta/models/up%2Cx-ai%2Fgrok%3Afree:generateContent",
      "/v1/models/up,x-ai/grok:free:generateContent",
      "/p/special/v1beta/models/gemini-2.5-pro-x:generateContent",
      "/v1beta/v1beta/models/models/gemini-x:generateContent",
    ])
      expect([path, (await generate(r, {}, { path })).status]).toEqual([path, 200]);
    expect(up.requests.map(({ body }) => (body as { model?: unknown }).model)).toEqual([
      "x-ai/grok:free",
      "x-ai/grok:free",
      "of-the-profile",
      "m",
    ]);
  });

  it("is refused where no target can do it, and where it is no request", async () => {
    const { r } = await onChat(always({ text: "ok" }));
    const refused = async (fields: object, words: RegExp): Promise<void> => {
      const res = await generate(r, fields);
      const { error } = (await res.json()) as GoogleError;
      expect([res.status, error.code, error.status]).toEqual([400, 400, "INVALID_ARGUMENT"]);
      expect(error.message).toMatch(words);
    };
    await refused(
      { generationConfig: { candidateCount: 2 } },
      /up,m cannot do this: generationConfig.candidateCount/,
    );
    await refused({ tools: [{ codeExecution: {} }] }, /tool codeExecution/);
    await refused({ cachedContent: "cachedContents/1" }, /cachedContent/);
    await refused(
      { contents: [{ role: "user", parts: [{ fileData: { fileUri: "gs://a/b" } }] }] },
      /gs:\/\/a\/b/,
    );
    await refused({ contents: [] }, /at least one content/);
    await refused({ contents: [{ role: "robot", parts: [] }] }, /contents.0.role: user or model/);
  });
});

describe("keys and errors", () => {
  it("the key may stand in Google's header or in the query, and a key of the query is in no log and at no provider", async () => {
    const { up, r } = await onChat(
      always({ error: { status: 500, body: "broken" } }),
      'server: { clientKeys: ["swk-client-0123456789"] }',
    );
    const missing = await generate(r);
    expect([missing.status, ((await missing.json()) as GoogleError).error.status]).toEqual([
      401,
      "UNAUTHENTICATED",
    ]);
    const wrong = await generate(r, {}, { path: `${streamed}?key=swk-wrong-0123456789&alt=sse` });
    expect(wrong.status).toBe(401);
    const headers = { "x-goog-api-key": "swk-client-0123456789" };
    expect((await generate(r, {}, { headers })).status).toBe(500);
    expect((await generate(r, {}, { path: `${streamed}?alt=sse&key=swk-client-0123456789` })).status).toBe(
      500,
    );
    expect((await fetch(`${r.url}/v1beta/models?key=swk-client-0123456789`)).status).toBe(200);
    expect(r.logs.join("")).not.toMatch(/swk-/);
    expect(JSON.stringify(up.requests)).not.toContain("swk-");
  });

  it("have Google's shape, with the time after which to ask again", async () => {
    const { r } = await onChat(
      always({
        error: { status: 429, body: '{"error":{"message":"slow down"}}', headers: { "retry-after": "700" } },
      }),
    );
    const res = await generate(r);
    const { error } = (await res.json()) as GoogleError;
    expect([res.status, error.code, error.status]).toEqual([429, 429, "RESOURCE_EXHAUSTED"]);
    expect(error.message).toContain("slow down");
    expect(error.details?.[0]?.retryDelay).toBe("700s");
  });

  it("what is no method of a conversation's is said to be none", async () => {
    const { r } = await onChat(always({ text: "ok" }));
    for (const path of [
      "/v1beta/models/embedding-001:embedContent",
      "/v1beta/cachedContents",
      "/v1beta/models/x",
    ]) {
      const res = await generate(r, {}, { path });
      const { error } = (await res.json()) as GoogleError;
      expect([path, res.status, error.status]).toEqual([path, 404, "NOT_FOUND"]);
    }
  });

  it("models are listed and counted in Google's form", async () => {
    const { r } = await onChat(always({ text: "ok" }), 'aliases: { quick: "up,m" }');
    const list = (await (await fetch(`${r.url}/v1beta/models`)).json()) as { models: { name: string }[] };
    expect(list.models.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["models/up,m", "models/quick"]),
    );
    const one = await fetch(`${r.url}/v1/models/up,m`, { headers: { "x-goog-api-key": "any" } });
    expect(await one.json()).toMatchObject({
      name: "models/up,m",
      supportedGenerationMethods: ["generateContent", "countTokens"],
    });
    const path = "/v1beta/models/quick:countTokens";
    const plain = (await (await generate(r, {}, { path })).json()) as { totalTokens: number };
    expect(plain.totalTokens).toBeGreaterThan(1);
    const inner = {
      generateContentRequest: { contents, systemInstruction: { parts: [{ text: "be brief at all times" }] } },
    };
    const more = (await (await post(r, path, inner)).json()) as { totalTokens: number };
    expect(more.totalTokens).toBeGreaterThan(plain.totalTokens);
  });
});

describe("on a provider of Google's own form", () => {
  const signature = Buffer.from("sealed thoughts").toString("base64");
  const call = { functionCall: { name: "f", args: {} }, thoughtSignature: signature };
  const answer = geminiStream([partsChunk([{ text: "I call." }, call], { unknownField: 1 }), lastChunk()]);

  it("tokens are counted by the provider, whole requests too, without the signatures that are another's", async () => {
    const { up, paths, r } = await onGoogle(
      { totalTokens: 4711, promptTokensDetails: [] },
      "",
      "gemini-2.5-pro",
    );
    const path = "/v1beta/models/any:countTokens";
    const foreign = Buffer.from("switchyard.from:another;thoughts of another").toString("base64");
    const asked = [
      ...contents,
      { role: "model", parts: [{ text: "so", thoughtSignature: foreign }] },
      ...contents,
    ];
    const plain = await post(r, path, { contents: asked });
    expect(await plain.json()).toEqual({ totalTokens: 4711, promptTokensDetails: [] });
    const systemInstruction = { parts: [{ text: "be brief" }] };
    const whole = { model: "models/any", contents, systemInstruction, labels: { a: "b" } };
    const counted = await post(r, path, { generateContentRequest: whole });
    expect(await counted.json()).toMatchObject({ totalTokens: 4711 });
    expect(new Set(paths)).toEqual(new Set(["/v1beta/models/gemini-2.5-pro:countTokens"]));
    expect(up.bodies.map((body) => JSON.parse(body) as unknown)).toEqual([
      { contents: [contents[0], { role: "model", parts: [{ text: "so" }] }, contents[0]] },
      { generateContentRequest: { ...whole, model: "models/gemini-2.5-pro" } },
    ]);
  });

  it("the client's bytes go out, and the provider's come back but for the mark of a signature's origin", async () => {
    const { up, r } = await onGoogle(answer);
    const body = `{ "contents": [{"role":"user","parts":[{"text":"hi"}]}], "safetySettings": [],  "generationConfig":{"seed":7} }`;
    const res = await post(r, `${streamed}?alt=sse`, body);
    const sse = await res.text();
    expect(up.bodies).toEqual([body]);
    const marked = geminiSeen(sse).parts.find((part) => part.functionCall !== undefined)!.thoughtSignature!;
    expect(Buffer.from(marked, "base64").toString()).toMatch(
      /^switchyard\.from:[0-9a-f]{16}:sealed thoughts$/,
    );
    expect(sse.replace(marked, signature)).toBe(answer.toString());
    // It comes back to its origin as it was, though the SDK wrote the base64 anew.
    const said = { role: "model", parts: [{ ...call, thoughtSignature: marked }] };
    const result = { role: "user", parts: [{ functionResponse: { name: "f", response: { output: "1" } } }] };
    await generate(r, { contents: [...contents, said, result] }, { path: `${streamed}?alt=sse` });
    expect(JSON.parse(up.bodies[1]!)).toMatchObject({ contents: [{}, { parts: [call] }, {}] });
    // Another's is not sent: the word that Google has for it stands there.
    const other = marked.replace(marked.slice(24, 28), "AAAA");
    const foreign = { role: "model", parts: [{ ...call, thoughtSignature: other }] };
    await generate(r, { contents: [...contents, foreign, result] });
    expect(up.bodies[2]).toContain('"thoughtSignature":"skip_thought_signature_validator"');
  });

  it("a client that wants an array gets the provider's parts in one", async () => {
    const { r } = await onGoogle(answer);
    const text = await (await generate(r, {}, { path: streamed })).text();
    expect(text).toContain('"unknownField":1');
    const seen = geminiSeen(text);
    expect([seen.problems, seen.text, seen.calls.length]).toEqual([[], "I call.", 1]);
  });

  it("keeps to the provider's limit of the output, and to fields that it does not know", async () => {
    const { up, r } = await onGoogle(
      answer,
      ', quirks: { maxTokensLimit: 100, dropFields: ["seed", "labels"] }',
    );
    await generate(
      r,
      { labels: { a: "b" }, generation_config: { seed: 1, max_output_tokens: 5000 } },
      { path: `${streamed}?alt=sse` },
    );
    expect(JSON.parse(up.bodies[0]!)).toEqual({ contents, generation_config: { max_output_tokens: 100 } });
  });

  it("an answer without a word is a failure, which another target may mend; a blocked one is an answer", async () => {
    const blocked = {
      promptFeedback: { blockReason: "SAFETY" },
      usageMetadata: { promptTokenCount: 3, totalTokenCount: 3 },
    };
    const { r } = await onGoogle(geminiStream([blocked]));
    const res = await generate(r, {}, { path: `${streamed}?alt=sse` });
    expect([res.status, await res.text()]).toEqual([200, expect.stringContaining('"blockReason":"SAFETY"')]);
    const bad = await onGoogle({ candidates: [{ finishReason: "MALFORMED_FUNCTION_CALL", index: 0 }] });
    expect((await generate(bad.r)).status).toBe(502);
  });
});

it("a web search of another provider's is told as Google tells its own", async () => {
  const found = geminiStream([
    partsChunk([{ text: "Grüße aus Bern." }]),
    lastChunk("STOP", {
      groundingMetadata: {
        webSearchQueries: ["bern"],
        groundingChunks: [{ web: { uri: "https://bern.example/", title: "Bern" } }],
        groundingSupports: [
          { segment: { startIndex: 0, endIndex: 17, text: "Grüße aus Bern." }, groundingChunkIndices: [0] },
        ],
      },
    }),
  ]);
  // Streams of its own form pass; this one is written anew, as it knows no ids of calls.
  const { r } = await onGoogle(found, ", quirks: { noToolCallIds: true }");
  const fields = { tools: [{ googleSearch: {} }] };
  const seen = geminiSeen(await (await generate(r, fields, { path: `${streamed}?alt=sse` })).text());
  expect([seen.problems, seen.text]).toEqual([[], "Grüße aus Bern."]);
  expect(seen.grounding).toEqual({
    webSearchQueries: ["bern"],
    groundingChunks: [{ web: { uri: "https://bern.example/", title: "Bern" } }],
    groundingSupports: [
      { segment: { startIndex: 0, endIndex: 17, text: "Grüße aus Bern." }, groundingChunkIndices: [0] },
    ],
  });
});
