/** The real LiteLLM in its image, with the configuration that is generated for it, in front of a scripted provider on loopback. */
import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { loadConfig } from "../../../src/config/load.ts";
import { readConfigSource } from "../../../src/config/source.ts";
import { imageRequest } from "../../../src/engine/image-request.ts";
import { ensureImage } from "../../../src/engine/images.ts";
import { checkoutRoot } from "../../../src/shared/paths.ts";
import { type LitellmSetup, litellmSetup } from "../../../src/stack/litellm/setup.ts";
import { accumulate } from "../../support/accumulate.ts";
import type { ScriptedAnswer } from "../../support/provider/chat-stream.ts";
import { type RecordedRequest, type ScriptedProvider, startProvider } from "../../support/provider/server.ts";
import { describeWithEngine } from "./engine.ts";

const run = promisify(execFile);
const providerKey = `sk-test-${Math.random().toString(36).slice(2)}${Math.random().toString(36).slice(2)}`;
const clientKey = `sy-test-${Math.random().toString(36).slice(2)}`;
const masterKey = `sk-admin-${Math.random().toString(36).slice(2)}`;
const prompt = "a-sentence-of-the-user's";

const userFile = (url: string): string => `
providers:
  chat: { dialect: openai-chat, baseUrl: "${url}/chat/v1", keys: ["\${E2E_KEY}"] }
  broken: { dialect: openai-chat, baseUrl: "${url}/broken/v1", keys: ["\${E2E_KEY}"] }
  refusing: { dialect: openai-chat, baseUrl: "${url}/refusing/v1", keys: ["\${E2E_KEY}"] }
  refusing-too: { dialect: anthropic, baseUrl: "${url}/refusing", keys: ["\${E2E_KEY}"], keyHeader: authorization }
  narrow: { dialect: openai-chat, baseUrl: "${url}/narrow/v1", keys: ["\${E2E_KEY}"] }
  like: { dialect: anthropic, baseUrl: "${url}/like", keys: ["\${E2E_KEY}"], keyHeader: authorization }
  google: { preset: gemini, baseUrl: "${url}/v1beta", keys: ["\${E2E_KEY}"] }
routes:
  background: ["chat,small"]
  webSearch:
  think:
  opus: "like,*"
  sonnet: "narrow,m"
  longContext: "chat,wide"
  default: ["broken,first", "chat,second"]
aliases: { quick: "chat,small", refused: "refusing,m", refused-too: "refusing-too,m", flash: "google,gemini-2.5-flash", pro: "google,gemini-2.5-pro" }
models: { small: { maxOutput: 4096 } }
`;

/** Google's form; a request that asks for a cache is refused as Google refuses a small one. */
const google = ({ url, method }: RecordedRequest): ScriptedAnswer => {
  const json = (status: number, body: object): ScriptedAnswer => ({
    error: { status, body: JSON.stringify(body) },
  });
  if (url.includes("cachedContents")) {
    if (method === "GET") return json(200, {});
    return json(400, {
      error: { code: 400, message: "Cached content is too small.", status: "INVALID_ARGUMENT" },
    });
  }
  return json(200, {
    candidates: [{ content: { role: "model", parts: [{ text: "from Google" }] }, finishReason: "STOP" }],
    usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2, totalTokenCount: 5 },
  });
};

const script = (request: RecordedRequest): ScriptedAnswer => {
  const { url, headers, body } = request;
  const failure = (status: number, message: string): ScriptedAnswer => ({
    error: { status, body: JSON.stringify({ error: { message, type: "invalid_request_error" } }) },
  });
  if (url.startsWith("/v1beta/")) return google(request);
  if (url.startsWith("/broken/")) return failure(500, "Broken.");
  if (url.startsWith("/refusing/"))
    return failure(401, `Incorrect key: ${headers.authorization}, for ${request.raw}`);
  if (url.startsWith("/narrow/"))
    return failure(
      400,
      "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
    );
  if (request.raw.includes("use the tool") && body.stream === true)
    return { text: "I will look.", tools: [{ name: "Read", input: { file_path: "/tmp/grüße ✓.txt" } }] };
  return { text: `from ${body.model}` };
};

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

interface Proxy {
  readonly url: string;
  logs(): Promise<string>;
  stop(): Promise<void>;
}

/** A container of the image with the setup's files as its secrets, on the host's network so that loopback is the host's. */
const startProxy = async (image: string, folder: string, setup: LitellmSetup): Promise<Proxy> => {
  writeFileSync(join(folder, "litellm.yaml"), setup.config);
  writeFileSync(join(folder, "litellm-keys.json"), `${JSON.stringify(setup.keys)}\n`);
  const port = await freePort();
  const name = `switchyard-litellm-test-${process.pid}-${port}`;
  const options =
    "--detach --network host --add-host host.docker.internal:127.0.0.1 --read-only --tmpfs /tmp --cap-drop ALL";
  const files = `${folder}:/run/secrets:ro`;
  const address = ["--host", "127.0.0.1", "--port", String(port)];
  await run("docker", ["run", ...options.split(" "), "--name", name, "--volume", files, image, ...address]);
  const url = `http://127.0.0.1:${port}`;
  const logs = async (): Promise<string> => {
    const { stdout, stderr } = await run("docker", ["logs", name]);
    return stdout + stderr;
  };
  const ready = async (): Promise<boolean> =>
    fetch(`${url}/health/readiness`).then(
      (answer) => answer.ok,
      () => false,
    );
  for (let i = 0; !(await ready()); i++) {
    if (i === 600) throw new Error(`LiteLLM is not ready:\n${await logs()}`);
    await sleep(200);
  }
  return { url, logs, stop: async () => void (await run("docker", ["rm", "--force", name])) };
};

describeWithEngine("LiteLLM in its image", (engine) => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-litellm-"));
  chmodSync(folder, 0o755);
  let provider: ScriptedProvider;
  let proxy: Proxy;
  let image: string;

  const setupOf = (text: string, env: Record<string, string>, own?: string): LitellmSetup => {
    const file = join(folder, "switchyard.yaml");
    writeFileSync(file, text);
    const options = { file, env, keyFiles: false };
    return litellmSetup(loadConfig(options), readConfigSource(options), {
      port: 4000,
      clientKey,
      masterKey,
      ...(own !== undefined && { own }),
    });
  };

  beforeAll(async () => {
    const root = checkoutRoot();
    const request = imageRequest(loadConfig({ env: {}, keyFiles: false }), { root, uid: 1000, gid: 1000 });
    image = await ensureImage(engine, "litellm", request, { say: () => {} });
    provider = await startProvider(script);
    proxy = await startProxy(image, folder, setupOf(userFile(provider.url), { E2E_KEY: providerKey }));
  });
  afterAll(async () => {
    await proxy?.stop();
    await provider?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    provider.requests.length = 0;
  });

  const post = (path: string, body: object, key = clientKey, at = proxy): Promise<Response> =>
    fetch(`${at.url}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const message = (model: string, more: object = {}): object => ({
    model,
    max_tokens: 32_000,
    messages: [{ role: "user", content: prompt }],
    ...more,
  });
  const textOf = async (answer: Response): Promise<string> => {
    const body = (await answer.json()) as { content?: { text?: string }[] };
    return body.content?.map(({ text }) => text ?? "").join("") ?? JSON.stringify(body);
  };
  const paths = (): string[] => provider.requests.map(({ url }) => url);

  it("streams a tool call, whole, through LiteLLM's translation", async () => {
    const tool = {
      name: "Read",
      description: "Reads",
      input_schema: { type: "object", properties: { file_path: { type: "string" } } },
    };
    const answer = await post(
      "/v1/messages?beta=true",
      message("quick", {
        stream: true,
        tools: [tool],
        messages: [{ role: "user", content: "use the tool" }],
      }),
    );
    expect(answer.status).toBe(200);
    const frames = (await answer.text()).replaceAll(/^(data: )/gm, "$1");
    const heard = accumulate(frames);
    expect(heard.text).toBe("I will look.");
    expect(heard.tools).toMatchObject([{ name: "Read", input: { file_path: "/tmp/grüße ✓.txt" } }]);
    expect(heard.stopReason).toBe("tool_use");
  });

  it("sends haiku's ids to background, opus with its id to its provider, and what has no entry to the default", async () => {
    expect(await textOf(await post("/v1/messages", message("claude-haiku-4-5-20251001")))).toBe("from small");
    expect(await textOf(await post("/v1/messages", message("claude-opus-5[1m]")))).toBe("from claude-opus-5");
    expect(await textOf(await post("/v1/messages", message("claude-something-9")))).toBe("from second");
    expect(await textOf(await post("/v1/messages", message("CHAT,any/model:free")))).toBe(
      "from any/model:free",
    );
    expect(await textOf(await post("/v1/messages", message("claude-via/chat,small")))).toBe("from small");
    const like = provider.requests.find(({ url }) => url.startsWith("/like/"));
    expect(like?.headers.authorization).toBe(`Bearer ${providerKey}`);
    expect(like?.headers["x-api-key"]).toBeUndefined();
  });

  it("tries the second target where the first fails, streamed too, and says so to nobody", async () => {
    const answer = await post("/v1/messages", message("claude-unknown-1", { stream: true }));
    expect(accumulate(await answer.text()).text).toBe("from second");
    expect(paths().at(-1)).toBe("/chat/v1/chat/completions");
    const named = await post("/v1/messages", message("broken,first"));
    expect(await textOf(named)).toBe("from second");
  });

  it("takes a request that is too long for its model to longContext", async () => {
    expect(await textOf(await post("/v1/messages", message("claude-sonnet-5")))).toBe("from wide");
    expect(paths()).toEqual(["/narrow/v1/chat/completions", "/chat/v1/chat/completions"]);
  });

  it("asks for no more tokens than the model can write", async () => {
    await post("/v1/messages", message("chat,small", { max_tokens: 128_000 }));
    expect(provider.requests[0]?.body["max_tokens"]).toBe(4096);
  });

  it("refuses a wrong key in Anthropic's form, and asks no provider", async () => {
    for (const key of ["wrong", "", `${clientKey}x`]) {
      const answer = await post("/v1/messages", message("quick"), key);
      expect(answer.status).toBe(401);
      expect(await answer.json()).toMatchObject({ type: "error", error: { type: "authentication_error" } });
    }
    expect(paths()).toEqual([]);
  });

  it("opens nothing of its administration to the client's key", async () => {
    const closed = [
      "/key/generate",
      "/model/new",
      "/config/update",
      "/health",
      "/ui/",
      "/routes",
      "/public/model_hub",
      "/",
    ];
    for (const path of closed) expect((await post(path, {})).status, path).toBe(403);
    const get = (path: string, key: string): Promise<Response> =>
      fetch(`${proxy.url}${path}`, { headers: { "x-api-key": key } });
    for (const path of ["/model/info", "/v1/model/info", "/get/config/callbacks", "/ui", "/openapi.json"])
      expect((await get(path, clientKey)).status, path).toBe(403);
    expect((await get("/model/info", masterKey)).status).toBe(200);
    expect((await get("/v1/models", clientKey)).status).toBe(200);
  });

  it("lets no request choose another endpoint, key or list", async () => {
    const choices = [
      { api_base: `${provider.url}/stolen` },
      { base_url: `${provider.url}/stolen` },
      { api_key: "mine" },
      { user_config: {} },
      { fallbacks: ["like,x"] },
      { extra_headers: { "x-a": "b" } },
      { mock_response: "made up" },
    ];
    for (const choice of choices) {
      const answer = await post("/v1/messages", message("quick", choice));
      expect(answer.ok, JSON.stringify(choice)).toBe(false);
    }
    expect(paths()).toEqual([]);
  });

  it("says why a target cannot be asked, instead of asking another", async () => {
    const answer = await post("/v1/messages", message("anthropic,claude-opus-5"));
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("LiteLLM does not forward the client's own login");
    expect(paths()).toEqual([]);
  });

  it("shows neither key nor prompt in its log, and no key to the client, when a provider refuses and repeats them", async () => {
    for (const [model, stream] of [
      ["refused", false],
      ["refused-too", true],
    ] as const) {
      const answer = await post("/v1/messages", message(model, { stream }));
      const text = await answer.text();
      expect(answer.status, text).toBe(401);
      expect(text).toContain("Incorrect key");
      expect(text).not.toContain(providerKey);
    }
    expect(paths()).toEqual(["/refusing/v1/chat/completions", "/refusing/v1/messages"]);
    const log = await proxy.logs();
    expect(log).toContain("401");
    expect(log).toContain("AuthenticationError");
    for (const secret of [providerKey, clientKey, masterKey, prompt, "Traceback"])
      expect(log).not.toContain(secret);
  });

  const marked = (words: number): object[] => {
    const text = Array.from({ length: words }, (_, i) => `word${i}`).join(" ");
    return [{ type: "text", text, cache_control: { type: "ephemeral" } }];
  };
  /** LiteLLM keeps the marks on this endpoint; on /v1/messages it drops them for Gemini by itself. */
  const chat = (model: string, words: number): Promise<Response> =>
    post("/v1/chat/completions", {
      model,
      messages: [
        { role: "system", content: marked(words) },
        { role: "user", content: "hi" },
      ],
    });

  it("asks Gemini for no cache that is too small, and answers", async () => {
    // What LiteLLM's own check would let pass lies between its 1,024 tokens and the model's own minimum.
    for (const [model, words] of [
      ["flash", 10],
      ["flash", 700],
      ["pro", 10],
      ["pro", 1500],
    ] as const) {
      const answer = await chat(model, words);
      expect(await answer.text(), `${model} ${words}`).toContain("from Google");
    }
    const messages = await post("/v1/messages", message("pro", { system: marked(1500) }));
    expect(await textOf(messages)).toBe("from Google");
    expect(paths().filter((path) => path.includes("cachedContents"))).toEqual([]);
    expect(paths()).toHaveLength(5);
  });

  it("keeps the marks of a prompt that is large enough", async () => {
    await chat("pro", 4000);
    expect(paths().some((path) => path.includes("cachedContents"))).toBe(true);
  });

  it("runs the user's own configuration unchanged, with the key that it asks for", async () => {
    const text = [
      "model_list:",
      "  - model_name: mine",
      `    litellm_params: { model: openai/theirs, api_base: "${provider.url}/chat/v1", api_key: os.environ/OWN_KEY }`,
      "litellm_settings: { use_chat_completions_url_for_anthropic_messages: true }",
      "general_settings: { master_key: os.environ/OWN_MASTER }",
      "",
    ].join("\n");
    const env = { OWN_KEY: providerKey, OWN_MASTER: masterKey };
    const setup = setupOf("stack: { litellm: { config: own.yaml } }\n", env, text);
    const own = await startProxy(image, mkdtempIn(folder), setup);
    try {
      const answer = await post("/v1/messages", message("mine"), setup.clientKey, own);
      expect(await textOf(answer)).toBe("from theirs");
      expect(provider.requests.at(-1)?.headers.authorization).toBe(`Bearer ${providerKey}`);
      expect((await post("/v1/messages", message("mine"), "wrong", own)).ok).toBe(false);
      expect(await own.logs()).not.toContain(providerKey);
    } finally {
      await own.stop();
    }
  });

  it("answers by itself while no key is set: streamed, with the model's name, and what to do", async () => {
    const bare = await startProxy(
      image,
      mkdtempIn(folder),
      setupOf('routes: { default: ["openrouter,x", "demo,echo"] }\n', {}),
    );
    try {
      const answer = await post("/v1/messages", message("claude-opus-5", { stream: true }), clientKey, bare);
      const heard = accumulate(await answer.text());
      expect(heard.text).toContain("`claude-opus-5`");
      expect(heard.text).toContain("OPENROUTER_API_KEY is not set");
      expect(heard.stopReason).toBe("end_turn");
      expect(await textOf(await post("/v1/messages", message("claude-haiku-5"), clientKey, bare))).toContain(
        "GEMINI_API_KEY",
      );
    } finally {
      await bare.stop();
    }
  });
});

const mkdtempIn = (folder: string): string => {
  const made = mkdtempSync(join(folder, "bare-"));
  chmodSync(made, 0o755);
  return made;
};
