/** The same config.yaml in a real LiteLLM and, imported, in the router: each request reaches the same model with the same key. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startRealLitellm } from "../support/litellm-server.ts";
import {
  type Both,
  type Difference,
  fromBoth,
  itReachesTheSame,
  itTellsDifferences,
  type Question,
  startBoth,
  told,
} from "../support/moving-in.ts";

const env = { ALPHA_KEY: "sk-of-alpha-0123456789abcdef", OPENAI_API_KEY: "sk-of-openai-0123456789abcd" };
const key = "sk-a-key-of-clients-0123456789";

const text = (provider: string): string => `
shared: &beta { api_base: ${provider}/beta, api_key: sk-of-beta-0123456789abcdef }
model_list:
  - model_name: claude-sonnet-4-5
    litellm_params: { model: hosted_vllm/alpha-1, api_base: ${provider}/alpha/v1, api_key: os.environ/ALPHA_KEY }
  - model_name: claude-opus-4-1   
    litellm_params: { <<: *beta, model: anthropic/claude-opus-4-1 }
  - model_name: google
    litellm_params: { model: gemini/gemini-2.5-pro, api_base: "${provider}/gamma/v1beta", api_key: AIzaSyGamma0123456789abcdef }
  - model_name: own
    litellm_params: { model: openai/served/model:q4, api_base: ${provider}/delta/v1, api_key: none, custom_llm_provider: hosted_vllm }
  - model_name: fails
    litellm_params: { model: hosted_vllm/broken, api_base: ${provider}/alpha/v1, api_key: os.environ/ALPHA_KEY }
  - model_name: local/*
    litellm_params: { model: hosted_vllm/*, api_base: ${provider}/local/v1, api_key: sk-of-local-0123456789abcdef }
  - model_name: "claude-*"
    litellm_params: { <<: *beta, model: anthropic/claude-* }
  - model_name: "*"
    litellm_params: { model: "hosted_vllm/*", api_base: ${provider}/any/v1, api_key: sk-of-any-0123456789abcdef }
router_settings:
  model_group_alias: { claude-haiku-4-5: own }
  num_retries: 0
  disable_cooldowns: true
litellm_settings:
  drop_params: true
  telemetry: false
  num_retries: 0
  fallbacks: [{ fails: [google, own] }]
general_settings: { master_key: ${key} }
`;

const startReal = (config: string): ReturnType<typeof startRealLitellm> => startRealLitellm(config, env);

const google: Question = { model: "google" };
const long: Question = {
  messages: [{ role: "user", content: "many words of a long conversation ".repeat(15_000) }],
};
const same: Record<string, Question> = {
  "a name": {},
  "a name, not streamed": { stream: false },
  "a name of a provider of Anthropic's form": { model: "claude-opus-4-1" },
  "a name of a provider of Google's form": google,
  "a name that a pattern serves": { model: "claude-3-7-sonnet" },
  "a name that only * serves": { model: "gpt-4.1" },
  "a name in a turn that thinks": { thinking: { type: "enabled", budget_tokens: 1024 } },
  "a name in a turn that searches": { tools: [{ type: "web_search_20250305", name: "web_search" }] },
  "a name in a long conversation": long,
};

const different: Record<string, Difference> = {
  "a server that is asked with a sample of a key": {
    question: { model: "own" },
    key: "model_list[3].litellm_params.api_key",
    says: /it looks like a sample/,
    there: [{ provider: "delta", model: "openai/served/model:q4", key: "none" }],
    here: { provider: "delta", model: "openai/served/model:q4", key: "" },
  },
  "another name of such a server": {
    question: { model: "claude-haiku-4-5" },
    key: "router_settings.model_group_alias.claude-haiku-4-5",
    says: /^mapped: requests for this name/,
    there: [{ provider: "delta", key: "none" }],
    here: { provider: "delta", key: "" },
  },
  "a pattern behind a word": {
    question: { model: "local/llama:8b" },
    key: "model_list[5].model_name",
    says: /^dropped: what stands before the \*/,
    there: [{ provider: "local", model: "llama:8b" }],
    here: { provider: "any", model: "local/llama:8b" },
  },
};

describe("a configuration of LiteLLM", () => {
  let both: Both;
  beforeAll(async () => {
    both = await startBoth({ text, file: "config.yaml", start: startReal, key, env });
  }, 600_000);
  afterAll(() => both?.close());

  itReachesTheSame(() => both, same);

  itTellsDifferences(() => both, different);

  it("a name whose model fails is answered by the next of its fallbacks", async () => {
    const { there, here } = await fromBoth(both, { model: "fails" });
    expect(there.map(({ provider }) => provider)).toEqual(["alpha", "gamma"]);
    expect(here).toEqual(there);
  });
});

describe("a configuration of LiteLLM with several deployments of a name, and none for other names", () => {
  const names = (provider: string): string => `
model_list:
  - { model_name: many, litellm_params: { model: hosted_vllm/m, api_base: ${provider}/one/v1, api_key: sk-of-one-0123456789abcdef } }
  - { model_name: many, litellm_params: { model: hosted_vllm/m, api_base: ${provider}/two/v1, api_key: sk-of-two-0123456789abcdef } }
router_settings: { num_retries: 0 }
litellm_settings: { telemetry: false, drop_params: true }
general_settings: { master_key: ${key} }
`;
  let both: Both;
  beforeAll(async () => {
    both = await startBoth({ text: names, file: "config.yaml", start: startReal, key, env });
  }, 600_000);
  afterAll(() => both?.close());

  it("they take turns there and stand behind each other here, and the report says so", async () => {
    const places = { there: new Set<string>(), here: new Set<string>() };
    // Chance decides there: the same forty times is once in 5·10¹¹.
    for (let n = 0; n < 40 && (n < 5 || places.there.size < 2); n++) {
      const reached = await fromBoth(both, { model: "many" });
      for (const side of ["there", "here"] as const)
        for (const { provider } of reached[side]) places[side].add(provider);
    }
    expect(places).toEqual({ there: new Set(["one", "two"]), here: new Set(["one"]) });
    expect(told(both.here.findings, "model_list[1].model_name")).toMatch(/^changed: .*take turns/);
  });

  it("a name that nothing serves is an error there and goes to the first here, and the report says so", async () => {
    const { there, here } = await fromBoth(both, { model: "claude-sonnet-4-5" });
    expect(there).toEqual([]);
    expect(here).toMatchObject([{ provider: "one", model: "m" }]);
    expect(told(both.here.findings, "model_list[0].model_name")).toMatch(
      /^changed: .*which are errors there/,
    );
  });
});
