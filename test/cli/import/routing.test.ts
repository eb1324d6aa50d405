/** An imported configuration sends requests where the tool that it is from would have sent them. */
import { describe, expect, it } from "vitest";
import { type Config, targetName } from "../../../src/config/types.ts";
import type { MessagesRequest } from "../../../src/protocol/anthropic.ts";
import { targetsOf } from "../../support/rules.ts";
import { fixture, importing, loaded } from "./support.ts";

const configOf = (name: string): Config => loaded(importing(fixture(name)));

const long = "many words of a long conversation ".repeat(12_000);
const web = { type: "web_search_20250305", name: "web_search" } as NonNullable<
  MessagesRequest["tools"]
>[number];
const says = (content: string): Partial<MessagesRequest> => ({ messages: [{ role: "user", content }] });

describe("claude-code-router (its order of rules: docs, server/config/routing)", () => {
  const config = configOf("ccr-v1.json");
  it.each<[string, Partial<MessagesRequest>, string]>([
    ["an ordinary turn goes to default", { model: "claude-sonnet-4-5" }, "deepseek,deepseek-chat"],
    ["haiku is background", { model: "claude-3-5-haiku-20241022" }, "ollama,qwen2.5-coder:latest"],
    [
      "thinking goes to think",
      { thinking: { type: "enabled", budget_tokens: 2000 } },
      "deepseek,deepseek-reasoner",
    ],
    [
      "much text goes to longContext, haiku or not",
      { model: "claude-haiku-4-5", ...says(long) },
      "openrouter,google/gemini-2.5-pro-preview",
    ],
    [
      "a search goes before thinking",
      { tools: [web], thinking: { type: "enabled", budget_tokens: 2000 } },
      "gemini,gemini-2.5-flash",
    ],
    [
      "/model provider,model goes there",
      { model: "openrouter,anthropic/claude-3.7-sonnet:thinking" },
      "openrouter,anthropic/claude-3.7-sonnet:thinking",
    ],
    ["its own letter case of a provider is known", { model: "OpenRouter,x/y" }, "openrouter,x/y"],
    [
      "the tag of a subagent goes there",
      {
        system: [
          { type: "text", text: "You are a helper." },
          { type: "text", text: "<CCR-SUBAGENT-MODEL>gemini,gemini-2.5-flash</CCR-SUBAGENT-MODEL>Look." },
        ],
      },
      "gemini,gemini-2.5-flash",
    ],
  ])("%s", async (_, fields, target) => {
    expect((await targetsOf(fields, config))[0]).toBe(target);
  });

  it("a route that its file does not set is none, whatever Switchyard's default says", async () => {
    const second = configOf("ccr-v2.json");
    const usual = ["deepseek-anthropic,deepseek-v4-pro", "modelscope,Qwen/Qwen3-Coder-480B-A35B-Instruct"];
    for (const fields of [
      { model: "claude-haiku-4-5" },
      { tools: [web] },
      { thinking: { type: "enabled" as const, budget_tokens: 2000 } },
    ])
      expect(await targetsOf(fields, second)).toEqual(usual);
  });

  it("its limit of a model's output is one here", () => {
    expect(config.models.get("deepseek,deepseek-chat")?.maxOutput).toBe(8192);
    expect(configOf("ccr-v2.json").providers.get("modelscope")?.quirks.maxTokensLimit).toBe(65_536);
  });

  it("address, protocol, proxy, patience and port are its own", () => {
    expect(config.providers.get("gemini")).toMatchObject({
      dialect: "gemini",
      baseUrl: "https://generativelanguage.googleapis.com/v1beta",
      proxy: "http://127.0.0.1:7890",
      timeouts: { total: 600_000 },
    });
    expect(config.providers.get("ollama")).toMatchObject({
      auth: "none",
      baseUrl: "http://localhost:11434/v1",
    });
    expect(config.server).toMatchObject({ port: 3456, host: "0.0.0.0", clientKeys: ["a-secret-of-clients"] });
  });
});

describe("LiteLLM (docs, proxy/configs and proxy/reliability)", () => {
  const config = configOf("litellm.yaml");
  it.each<[string, string, string[]]>([
    [
      "deployments of one name stand behind each other, fallbacks behind them",
      "claude-sonnet-4-5",
      ["gemini,gemini-2.5-pro", "openrouter,google/gemini-2.5-pro", "openai,gpt-4o", "openai-2,served-model"],
    ],
    [
      "another name goes to its own",
      "gpt-4o",
      ["openai,gpt-4o", "gemini,gemini-2.5-pro", "openrouter,google/gemini-2.5-pro", "openai-2,served-model"],
    ],
    [
      "a name with * serves what has no name of its own",
      "claude-opus-4-1",
      ["anthropic,*", "openai-2,served-model"],
    ],
    [
      "an alias of a group goes before a name with *",
      "claude-3-5-haiku",
      ["openai,gpt-4o", "gemini,gemini-2.5-pro", "openrouter,google/gemini-2.5-pro", "openai-2,served-model"],
    ],
    ["a model of a server of one's own", "own", ["openai-2,served-model"]],
  ])("%s", async (_, model, targets) => {
    expect(await targetsOf({ model }, config)).toEqual(targets);
  });

  it("thinking, size and searches change nothing there", async () => {
    const fields = {
      model: "own",
      thinking: { type: "enabled" as const, budget_tokens: 2000 },
      tools: [web],
      ...says(long),
    };
    expect(await targetsOf(fields, config)).toEqual(["openai-2,served-model"]);
  });

  it("limits of a key, retries, cooldown and prices are here", () => {
    const gemini = config.providers.get("gemini");
    expect(gemini?.keys[0]).toMatchObject({ requestsPerMinute: 60, tokensPerMinute: 100_000 });
    expect(gemini?.failures).toMatchObject({ tries: 3, breakAfter: 4, rest: { first: 30_000 } });
    expect(config.models.get("openai,gpt-4o")).toMatchObject({
      context: 128_000,
      price: { input: 2.5, output: 10 },
    });
  });
});

describe("claude-code-proxy (README: a provider for each tier)", () => {
  const config = configOf("tiers.env");
  it.each<[string, Partial<MessagesRequest>, string]>([
    [
      "the model that the client is set up to send goes to its provider",
      { model: "glm-4.5-air" },
      "zai,glm-4.5-air",
    ],
    ["the tier's own name goes there too", { model: "claude-haiku-4-5" }, "zai,glm-4.5-air"],
    [
      "opus goes to its provider, thinking or not",
      { model: "claude-opus-4-1", thinking: { type: "enabled", budget_tokens: 2000 } },
      "zai,glm-4.6",
    ],
    ["a tier without a key is the client's own login", { model: "claude-sonnet-4-5" }, "anthropic,*"],
  ])("%s", async (_, fields, target) => {
    expect((await targetsOf(fields, config))[0]).toBe(target);
  });
  it("the client's login is forwarded, not replaced by a key", () => {
    expect(config.providers.get("anthropic")?.auth).toBe("passthrough");
  });
  it("BIG, MIDDLE and SMALL serve opus, sonnet and haiku", async () => {
    const sizes = configOf("sizes.env");
    const of = async (model: string): Promise<string | undefined> => (await targetsOf({ model }, sizes))[0];
    expect([
      await of("claude-opus-4-1"),
      await of("claude-sonnet-4-5"),
      await of("claude-3-5-haiku"),
    ]).toEqual(["openai,gpt-4o", "openai,gpt-4.1", "openai,gpt-4o-mini"]);
  });
});

describe("CLIProxyAPI (config.example.yaml: names, aliases, pools)", () => {
  const config = configOf("cliproxyapi.yaml");
  it.each<[string, string, string[]]>([
    ["an alias is its model", "kimi-k2", ["openrouter,moonshotai/kimi-k2:free"]],
    [
      "an alias of several models tries one after the other",
      "claude-opus-4.66",
      ["openrouter,deepseek-v3.1", "openrouter,glm-5"],
    ],
    ["a name with its prefix is that provider's", "test/codex-latest", ["codex,gpt-5-codex"]],
    ["Claude's own ids go to the keys for Claude", "claude-sonnet-4-5", ["claude,*", "claude-2,*"]],
    ["Gemini's ids go to the keys for Gemini", "gemini-3-pro", ["gemini,*"]],
  ])("%s", async (_, model, targets) => {
    expect(await targetsOf({ model }, config)).toEqual(targets);
  });
  it("keys of one provider are used as its strategy says", () => {
    expect(config.providers.get("gemini")).toMatchObject({ keyStrategy: "fill-first", affinity: true });
    expect(config.providers.get("gemini")?.keys.map(({ weight }) => weight)).toEqual([5, 1]);
    expect(configOf("cliproxyapi-old.yaml").providers.get("gemini")).toMatchObject({
      keyStrategy: "round-robin",
    });
  });
  it("a sample of its own file is no key of clients", () => {
    expect(config.server.clientKeys).toEqual(["a-key-of-clients-0123456789"]);
  });
});

describe("profiles", () => {
  const target = (
    config: Config,
    profile: string,
    route: "opus" | "sonnet" | "haiku" | "default",
  ): string[] => (config.profiles.get(profile)?.routes[route]?.use ?? []).map(targetName);

  it("a file of claude-code-hybrid is a profile, and without one the client's own login serves", async () => {
    const config = configOf("hybrid");
    expect(target(config, "codex", "haiku")).toEqual(["cliproxyapi,gpt-5.3-codex-spark"]);
    expect(target(config, "glm", "opus")).toEqual(["bigmodel,glm-5"]);
    expect(await targetsOf({ model: "claude-opus-4-1" }, config)).toEqual(["anthropic,*"]);
  });
  it("the profile that ccs starts by default serves requests without one; a variant by CLIProxyAPI keeps its tiers", async () => {
    const config = configOf("ccs");
    expect(await targetsOf({ model: "claude-haiku-4-5" }, config)).toEqual(["zai,glm-5.1"]);
    expect(target(config, "mixed", "sonnet")).toEqual(["cliproxyapi,gemini-3-pro"]);
    expect(config.search).toMatchObject({ provider: "tavily", maxResults: 5 });
  });
  it("a profile with one model asks nothing of another profile's provider", () => {
    const config = configOf("ccs");
    for (const route of ["opus", "sonnet", "haiku", "default"] as const)
      expect(target(config, "glmt", route)).toEqual(["zai-openai,glm-5.2"]);
    expect(config.profiles.get("glmt")?.clientEnv).toMatchObject({ CLAUDE_CODE_MAX_OUTPUT_TOKENS: "65536" });
  });
  it("the provider in use of cc-switch serves, and its failover queue stands behind it", async () => {
    const config = configOf("cc-switch.sql");
    expect(await targetsOf({ model: "claude-haiku-4-5" }, config)).toEqual([
      "zai,glm-4.5-air",
      "deepseek,deepseek-chat",
    ]);
    expect(config.profiles.get("z-ai-s-glm")?.description).toBe("Z.ai's GLM, of cc-switch");
    expect(config.providers.get("example")).toMatchObject({
      dialect: "openai-responses",
      baseUrl: "https://codex.example.com/v1",
    });
    expect(await targetsOf({ model: "claude-opus-4-1" }, configOf("cc-switch.json"))).toEqual([
      "moonshot,kimi-k2-turbo-preview",
    ]);
  });
});

describe("codex_cc_switch (README: days, order, backups)", () => {
  const config = configOf("all_configs.json");
  it("addresses are tried in its order, backups after them, with the model that was asked for", async () => {
    expect(await targetsOf({ model: "claude-sonnet-4-5" }, config)).toEqual([
      "example,*",
      "bigmodel,*",
      "example-backup,*",
      "example-2,*",
    ]);
  });
  it("a converted model is asked for under its new name", async () => {
    expect((await targetsOf({ model: "claude-3-5-haiku-20241022" }, config))[0]).toBe(
      "example,claude-sonnet-4-5-20250929",
    );
  });
  it("models of Codex go to the addresses for Codex", async () => {
    expect(await targetsOf({ model: "gpt-5.1-codex" }, config)).toEqual(["example-codex,*"]);
  });
  it("a key is used on its days; 0 is Sunday here, and its list begins on Monday", () => {
    const keys = config.providers.get("example")?.keys ?? [];
    expect(keys.map(({ schedule }) => schedule.hours.flatMap(({ days }) => days))).toEqual([
      [1],
      [2, 3, 4, 5],
    ]);
    expect(keys[1]?.activate).toEqual([{ days: [0, 1, 2, 3, 4, 5, 6], at: 11 * 60 + 39 }]);
    expect(keys[1]?.label).toBe("week");
  });
});

describe("a router with routing_rules", () => {
  const config = configOf("routing-rules.json");
  it.each<[string, string, string[]]>([
    ["a word of a pattern leads to its model", "please format this", ["z-ai,glm-4.5-air"]],
    ["a pattern with a slash is one", "look at src/b for me", ["ollama,llama3.1:8b"]],
    [
      "everything else goes to .* and its chain",
      "hello",
      ["anthropic,claude-sonnet-4-5", "anthropic,claude-opus-4-1", "openrouter,openai/gpt-4o"],
    ],
  ])("%s", async (_, content, targets) => {
    expect(await targetsOf(says(content), config)).toEqual(targets);
  });
  it("limits of cost are budgets, and warnings are shares of the first", () => {
    expect(config.budgets).toMatchObject([
      { limit: 20, per: "day", warnAt: [0.5, 0.75, 0.95] },
      { limit: 400, per: "month" },
    ]);
  });
});
