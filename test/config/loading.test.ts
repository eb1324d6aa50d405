import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { modelInfoOf } from "../../src/config/model-info.ts";
import { targetName } from "../../src/config/types.ts";
import { place } from "./support.ts";

const names = (route: { use: readonly { provider: string; model: string }[] } | undefined): string[] =>
  (route?.use ?? []).map(targetName);

describe("the default configuration", () => {
  test("works with no key: providers without one are disabled, said once each, and demo answers", () => {
    const config = place().load();
    expect(config.providers.get("openrouter")?.disabled).toBe("OPENROUTER_API_KEY is not set");
    expect(config.providers.get("demo")?.disabled).toBeUndefined();
    expect(config.notices).toEqual([
      "Provider openrouter is disabled: OPENROUTER_API_KEY is not set.",
      "Provider gemini is disabled: GEMINI_API_KEY is not set.",
    ]);
    expect(names(config.routes.default).at(-1)).toBe("demo,echo");
  });

  test("says what the contract says", () => {
    const config = place().load();
    expect(config.server).toEqual({
      host: "127.0.0.1",
      port: 3000,
      countTokens: "estimate",
      clientKeys: [],
      clientKeyNames: new Map(),
      bodyLimit: 32 * 1024 * 1024,
      headerHold: 10_000,
      pingInterval: 15_000,
      drain: 90_000,
      waitForRest: 10_000,
      retryBudget: 30_000,
      resume: false,
      requestTimeout: 60_000,
      stallTimeout: 300_000,
      workers: 1,
    });
    expect(config.routes.longContext?.threshold).toBe(60_000);
    expect(config.routes.think?.minEffort).toBe("high");
    expect(config.routes.subagent).toBeUndefined();
    expect(config.tierFirst).toBe(false);
    expect(config.providers.get("gemini")?.timeouts).toEqual({
      connect: 10_000,
      firstByte: 300_000,
      idle: 300_000,
      total: 3_600_000,
    });
    expect(config.stack).toEqual({
      project: "",
      runtime: "auto",
      client: { version: "2.1.329", memory: "4g", cpus: "2", pids: 2048 },
      router: { memory: "1g", cpus: "2", pids: 256 },
      litellm: {
        version: "1.102.4",
        port: 4000,
        config: "",
        clientKey: "",
        memory: "2g",
        cpus: "2",
        pids: 512,
      },
      cliproxyapi: {
        enabled: false,
        version: "6.9.16",
        port: 8317,
        fetchModels: false,
        config: "",
        memory: "1g",
        cpus: "2",
        pids: 256,
      },
      ollama: {
        enabled: false,
        version: "0.12.6",
        port: 11_434,
        contextLength: 65_536,
        memory: "",
        cpus: "",
        pids: 512,
      },
      fused: { memory: "4g", cpus: "2", pids: 2048 },
      observability: { enabled: false, grafanaPort: 3001 },
    });
  });

  test("anthropic forwards the client's own credentials and needs no key", () => {
    const anthropic = place().load({ ANTHROPIC_API_KEY: "sk-ant-of-the-shell" }).providers.get("anthropic");
    expect([anthropic?.auth, anthropic?.keys, anthropic?.disabled]).toEqual(["passthrough", [], undefined]);
    expect(anthropic?.quirks).toEqual({ rawStream: true, countTokens: true, datedIds: true });
  });
});

describe("the user's file over the default", () => {
  test("is laid key by key; a list takes the place of the list", () => {
    const config = place(
      "server: { port: 4000 }\nroutes:\n  default: [demo,other]\n".replace("[demo,other]", "['demo,other']"),
    ).load();
    expect(config.server.port).toBe(4000);
    expect(config.server.host).toBe("127.0.0.1");
    expect(names(config.routes.default)).toEqual(["demo,other"]);
    expect(names(config.routes.background)).toEqual(["gemini,gemini-2.5-flash-lite", "demo,echo"]);
    expect(config.aliases.get("qwen-coder")).toEqual({
      provider: "openrouter",
      model: "qwen/qwen3-coder-plus",
    });
  });

  test("an empty value takes a route away, and leaves a section as it is", () => {
    const config = place("server:\nroutes:\n  think:\n  longContext:\naliases:\n  qwen-coder:\n").load();
    expect(config.server.port).toBe(3000);
    expect(config.routes.think).toBeUndefined();
    expect(config.routes.longContext).toBeUndefined();
    expect(config.aliases.size).toBe(0);
  });

  test("a threshold alone keeps the targets, an effort alone too", () => {
    const config = place("routes: { longContext: { threshold: 30000 }, think: { minEffort: max } }\n").load();
    expect(config.routes.longContext?.threshold).toBe(30_000);
    expect(names(config.routes.longContext)).toEqual(["gemini,gemini-2.5-pro", "demo,echo"]);
    expect(config.routes.think?.minEffort).toBe("max");
    expect(names(config.routes.think)).toEqual(["openrouter,x-ai/grok-4.1-fast", "demo,echo"]);
  });

  test("a model id keeps its slashes, colons and commas; the provider's letter case does not matter", () => {
    const config = place("routes: { default: 'OpenRouter, a/b:free,c' }\n").load();
    expect(config.routes.default.use).toEqual([{ provider: "openrouter", model: "a/b:free,c" }]);
  });

  test("durations and sizes are written as people write them", () => {
    const config = place("server: { bodyLimit: 1gb, headerHold: 500ms, pingInterval: 2m }\n").load();
    expect([config.server.bodyLimit, config.server.headerHold, config.server.pingInterval]).toEqual([
      1024 ** 3,
      500,
      120_000,
    ]);
  });

  test("another file takes the place of the usual one", () => {
    const here = place("server: { port: 1111 }\n");
    const other = here.write("other.yaml", "server: { port: 2222 }\n");
    expect(here.load({}, { file: other }).server.port).toBe(2222);
  });

  test("--host and --port win", () => {
    const config = place("server: { port: 1111 }\n").load(
      { SWITCHYARD_CLIENT_KEY: "client-key-1" },
      { host: "0.0.0.0", port: 0 },
    );
    expect([config.server.host, config.server.port, config.server.clientKeys]).toEqual([
      "0.0.0.0",
      0,
      ["client-key-1"],
    ]);
  });

  test("an empty file, or one of comments, changes nothing", () => {
    expect(place("# nothing\n").load().routes).toEqual(place().load().routes);
  });

  test("the files that were read are named", () => {
    const here = place("");
    expect(here.load().files).toEqual(
      ["default.yaml", "providers.yaml", "models.yaml", "switchyard.yaml"].map((name) =>
        join(here.root, "config", name),
      ),
    );
  });
});

describe("variables", () => {
  test("give numbers and booleans too, and have defaults", () => {
    const text =
      'server: { port: "${PORT:-4100}" }\nroutes: { tierFirst: "${FIRST}" }\nstack: { project: "a${TAIL:-b}" }\n';
    const config = place(text).load({ FIRST: "true", TAIL: "" });
    expect([config.server.port, config.tierFirst, config.stack.project]).toEqual([4100, true, "ab"]);
  });

  test("a number as a key stays a text", () => {
    const config = place('providers: { openrouter: { keys: ["${K}"] } }\n').load({ K: "12345678" });
    expect(config.providers.get("openrouter")?.keys.map(({ value }) => value)).toEqual(["12345678"]);
  });

  test("a doubled dollar is a literal one", () => {
    const config = place('providers: { demo: { headers: { x: "$${HOME}" } } }\n').load();
    expect(config.providers.get("demo")?.headers).toEqual({ x: "${HOME}" });
  });

  test("unset and empty keys are dropped; with none left the provider is disabled, with one notice", () => {
    const text = 'providers: { many: { preset: openai, keys: ["${A}", "${B}", "${B}"] } }\n';
    const { keys } = place(text).load({ B: "bbbbbbbb" }).providers.get("many")!;
    expect(keys.map(({ value }) => value)).toEqual(["bbbbbbbb"]);
    const none = place(text).load({ A: "" });
    expect(none.providers.get("many")?.disabled).toBe("none of A, B is set");
    expect(none.notices.filter((line) => line.includes("many"))).toEqual([
      "Provider many is disabled: none of A, B is set.",
    ]);
  });

  test("keys: [] needs none, and a preset brings the name of its key", () => {
    const config = place("providers: { own: { preset: zai }, free: { preset: zai, keys: [] } }\n").load({
      ZAI_API_KEY: "zzzzzzzz",
    });
    expect(config.providers.get("own")).toMatchObject({
      keys: [{ value: "zzzzzzzz" }],
      auth: "key",
      keyHeader: "authorization",
    });
    expect(config.providers.get("free")).toMatchObject({ keys: [], auth: "none", disabled: undefined });
  });

  test("every secret that was resolved is known, so that logs can leave it out", () => {
    const text =
      'server: { clientKeys: ["${CK}"] }\nproviders: { a: { preset: openai, keys: ["${K}"], headers: { x-team-token: "Bearer ${H}" } } }\n';
    const { secrets } = place(text).load({ CK: "client-secret", K: "provider-secret", H: "header-secret" });
    expect(secrets.toSorted()).toEqual([
      "Bearer header-secret",
      "client-secret",
      "header-secret",
      "provider-secret",
    ]);
  });
});

describe("figures of models", () => {
  test("the user's win field by field, for one provider or for all", () => {
    const config = place(
      'models:\n  gemini-2.5-pro: { context: 5 }\n  "Gemini,gemini-2.5-pro": { maxOutput: 7 }\n  "local,tiny": { context: 9, tools: false }\n',
    ).load();
    expect(config.models.get("gemini-2.5-pro")).toMatchObject({ context: 5, maxOutput: 65_536, tools: true });
    expect(config.models.get("gemini,gemini-2.5-pro")).toMatchObject({
      context: 5,
      maxOutput: 7,
      tools: true,
    });
    expect(config.models.get("local,tiny")).toEqual({ context: 9, tools: false });
  });

  test("a model behind a seller's prefix has the same window, but not the same price", () => {
    const config = place("models: { some-model: { context: 5, price: { input: 1, output: 2 } } }\n").load();
    expect(modelInfoOf(config, { provider: "openrouter", model: "maker/some-model:free" })).toEqual({
      context: 5,
    });
    expect(modelInfoOf(config, { provider: "local", model: "some-model" })?.price).toEqual({
      input: 1,
      output: 2,
    });
    expect(modelInfoOf(config, { provider: "local", model: "unknown" })).toBeUndefined();
  });

  test("an id with its date has the window, the abilities and the price of the id without", () => {
    const config = place(
      `providers:
  openai: { preset: openai }
  local: { dialect: openai-chat, baseUrl: "http://127.0.0.1:9/v1", keys: [] }
models:
  claude-sonnet-4-5: { price: { input: 2, output: 9 } }
  gpt-5-mini-2025-08-07: { context: 77 }
`,
    ).load({ OPENAI_API_KEY: "k" });
    const infoOf = (provider: string, model: string) => modelInfoOf(config, { provider, model });
    expect(infoOf("anthropic", "claude-haiku-4-5-20251001")).toEqual(infoOf("anthropic", "claude-haiku-4-5"));
    expect(infoOf("anthropic", "claude-haiku-4-5-20251001")?.price).toMatchObject({ input: 1, output: 5 });
    expect(infoOf("anthropic", "claude-sonnet-4-5-20250929")?.price).toEqual({ input: 2, output: 9 });
    const mini = infoOf("openai", "gpt-5-mini");
    expect(mini?.price).toBeDefined();
    expect(infoOf("openai", "gpt-5-mini-2025-08-07")).toEqual({ ...mini, context: 77 });
    // Whoever sells it on asks for what he likes; a number that is no date is another model.
    expect(infoOf("local", "claude-haiku-4-5-20251001")).toMatchObject({ context: 200_000 });
    expect(infoOf("local", "claude-haiku-4-5-20251001")?.price).toBeUndefined();
    expect(infoOf("anthropic", "claude-haiku-4-5-2025")).toBeUndefined();
  });

  test("those of a preset hold for every provider that takes it", () => {
    const here = place("providers: { mine: { preset: groq } }\n");
    writeFileSync(
      join(here.root, "config", "models.yaml"),
      '"groq,m": { context: 3, date: 2026-01-01, source: here }\n',
    );
    expect(here.load().models.get("mine,m")).toEqual({ context: 3 });
  });
});
