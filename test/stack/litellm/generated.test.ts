/** LiteLLM's configuration as it is generated: who answers which name, with which key, and what stands in. */
import { describe, expect, it } from "vitest";
import { documentOf, masterKey, clientKey, served, setup } from "./support.ts";

const two = `
providers:
  near: { dialect: openai-chat, baseUrl: "http://localhost:9/v1", keys: [] }
  far: { dialect: anthropic, baseUrl: "https://far.example/anthropic", keys: ["\${FAR_KEY}"], keyHeader: x-api-key }
  local: # no entry of the default's
  demo: { dialect: demo }
routes:
  longContext:
  webSearch:
  think:
  background: "near,small"
  default: ["far,big", "near,small"]
aliases: { quick: "near,small" }
`;

describe("LiteLLM's configuration", () => {
  it("has every target under its own name, and the names that Claude Code asks for", () => {
    const document = documentOf(setup(two.replace(/ {2}local:.*\n/, ""), { FAR_KEY: "k-0123456789" }));
    expect(served(document).filter((line) => !line.startsWith("local"))).toEqual([
      "near,small -> openai/small at http://host.docker.internal:9/v1",
      "far,big -> anthropic/big at https://far.example/anthropic",
      "claude-*haiku* -> openai/small at http://host.docker.internal:9/v1",
      "* -> anthropic/big at https://far.example/anthropic",
      "near/* -> openai/* at http://host.docker.internal:9/v1",
      "far/* -> anthropic/* at https://far.example/anthropic",
      "demo/* -> openai/demo",
    ]);
    expect(document.router_settings["model_group_alias"]).toEqual({
      "claude-via/near,small": "near,small",
      "near/small": "near,small",
      "claude-via/far,big": "far,big",
      "far/big": "far,big",
      quick: "near,small",
      small: "near,small",
      big: "far,big",
    });
  });

  it("has the models of profiles by their own names, and leaves tiers, bare ids and fallbacks to the routes", () => {
    const profile =
      'profiles: { blue: { models: { sonnet: ["near,blue", "near,small"], haiku: "far,big" } } }\n';
    const document = documentOf(
      setup(two.replace(/ {2}local:.*\n/, "") + profile, { FAR_KEY: "k-0123456789" }),
    );
    expect(served(document)).toContain("near,blue -> openai/blue at http://host.docker.internal:9/v1");
    expect(served(document).filter((line) => line.startsWith("claude-"))).toEqual([
      "claude-*haiku* -> openai/small at http://host.docker.internal:9/v1",
    ]);
    const names = document.router_settings["model_group_alias"];
    expect(names).toMatchObject({
      "claude-via/near,blue": "near,blue",
      "near/blue": "near,blue",
      small: "near,small",
    });
    expect(names).not.toHaveProperty("blue");
    expect(document.router_settings["fallbacks"]).not.toContainEqual(
      expect.objectContaining({ "near,blue": expect.anything() as unknown }),
    );
  });

  it("sends a provider of OpenAI Responses there, not to Chat Completions", () => {
    const yaml = `providers: { oai: { dialect: openai-responses, baseUrl: "https://a.example/v1", keys: ["\${K}"] } }\nroutes: { longContext:, webSearch:, background:, think:, default: "oai,gpt-x" }\naliases: { qwen-coder: }\n`;
    expect(served(documentOf(setup(yaml, { K: "k-0123456789" })))).toContain(
      "oai,gpt-x -> openai/responses/gpt-x at https://a.example/v1",
    );
  });

  const tiers = (more: string): Map<string, string> => {
    const document = documentOf(
      setup(
        `providers: { a: { dialect: openai-chat, baseUrl: "https://a.example/v1", keys: [] } }\nroutes: { longContext:, webSearch:, think:, default: "a,usual", ${more} }\n`,
      ),
    );
    return new Map(document.model_list.map((entry) => [entry.model_name, entry.litellm_params.model]));
  };

  it("gives the tiers of a model id their routes, and haiku's to background unless tiers go first", () => {
    const plain = tiers(
      'background: "a,small", haiku: "a,haiku", opus: "a,opus", sonnet: "a,sonnet", fable: "a,fable"',
    );
    expect([...plain].filter(([name]) => name.startsWith("claude-"))).toEqual([
      ["claude-*haiku*", "openai/small"],
      ["claude-*sonnet*", "openai/sonnet"],
      ["claude-*fable*", "openai/fable"],
      ["claude-*opus*", "openai/opus"],
    ]);
    expect(tiers('background: "a,small", haiku: "a,haiku", tierFirst: true').get("claude-*haiku*")).toBe(
      "openai/haiku",
    );
    expect(tiers('background:, haiku: "a,haiku"').get("claude-*haiku*")).toBe("openai/haiku");
    expect(tiers("background:").has("claude-*haiku*")).toBe(false);
  });

  it("turns a list into fallbacks, for the target's name and for the names that clients ask for", () => {
    const document = documentOf(setup(two, { FAR_KEY: "k-0123456789" }));
    expect(document.router_settings["fallbacks"]).toEqual([
      { "near,small": ["far,big"] },
      { "far,big": ["near,small"] },
    ]);
    expect(document.switchyard.patterns).toEqual([
      { match: "claude-*haiku*", fallbacks: [], context_window_fallbacks: [] },
      { match: "*", fallbacks: ["near,small"], context_window_fallbacks: ["near,small"] },
    ]);
  });

  it("sends what is too long to larger windows alone: of the list, then of longContext", () => {
    const document = documentOf(
      setup(
        `
providers: { a: { dialect: openai-chat, baseUrl: "https://a.example/v1", keys: [] } }
routes:
  webSearch:
  think:
  background:
  default: ["a,middle", "a,small", "a,large"]
  longContext: ["a,huge", "a,small"]
models: { small: { context: 8000 }, middle: { context: 32000, maxOutput: 4096 }, large: { context: 64000 }, huge: { context: 1000000 } }
`,
      ),
    );
    expect(document.switchyard.patterns[0]).toEqual({
      match: "*",
      fallbacks: ["a,small", "a,large"],
      context_window_fallbacks: ["a,large", "a,huge"],
    });
    expect(document.router_settings["enable_pre_call_checks"]).toBe(true);
    const middle = document.model_list.find((entry) => entry.model_name === "a,middle");
    expect(middle?.model_info).toEqual({ max_input_tokens: 32000, max_output_tokens: 4096 });
  });

  it("keeps the id that was asked for where the target is provider,*", () => {
    const document = documentOf(
      setup(
        'providers: { anthropic: { preset: anthropic, auth: key, keys: ["${K}"] } }\nroutes: { default: ["anthropic,*"] }\n',
        {
          K: "k-0123456789",
        },
      ),
    );
    expect(document.model_list.find((entry) => entry.model_name === "*")?.litellm_params).toMatchObject({
      model: "anthropic/*",
      custom_llm_provider: "anthropic",
      api_base: "https://api.anthropic.com",
    });
  });

  it("speaks to Gemini and OpenRouter by LiteLLM's own providers, at any address", () => {
    const document = documentOf(
      setup(
        'providers: { gemini: { preset: gemini, keys: ["${K}"] }, own: { preset: gemini, baseUrl: "http://127.0.0.1:7/v1beta", keys: ["${K}"] }, form: { preset: gemini-openai, baseUrl: "http://127.0.0.1:8/v1beta/openai", keys: ["${K}"] }, openrouter: { preset: openrouter, keys: ["${K}"] } }\nroutes: { longContext:, webSearch:, background:, think:, default: ["gemini,gemini-2.5-pro", "own,gemini-2.5-pro", "form,gemini-2.5-pro", "openrouter,x/y"] }\naliases: { qwen-coder: }\n',
        { K: "k-0123456789" },
      ),
    );
    expect(served(document).slice(0, 4)).toEqual([
      "gemini,gemini-2.5-pro -> gemini/gemini-2.5-pro",
      "own,gemini-2.5-pro -> gemini/gemini-2.5-pro at http://host.docker.internal:7/v1beta",
      "form,gemini-2.5-pro -> gemini/gemini-2.5-pro at http://host.docker.internal:8/v1beta",
      "openrouter,x/y -> openrouter/x/y at https://openrouter.ai/api/v1",
    ]);
    expect(document.switchyard.cache_minimum).toMatchObject({
      models: [
        { model: "gemini/gemini-2.5-flash", tokens: 2048 },
        { model: "gemini/gemini-2.5-pro", tokens: 4096 },
        { model: "gemini/", tokens: 4096 },
      ],
    });
  });

  it("answers by itself while no key is set, and says which key is missing", () => {
    const result = setup("");
    const star = documentOf(result).model_list.find((entry) => entry.model_name === "*");
    expect(star?.litellm_params["mock_response"]).toMatch(
      /`\{model\}`.*openrouter,x-ai\/grok-4\.1-fast \(OPENROUTER_API_KEY is not set\)/,
    );
    expect(documentOf(result).switchyard.refused).toMatchObject({ gemini: "GEMINI_API_KEY is not set" });
    expect(result.notices).toEqual([]);
  });

  it("says in one line which routes have no effect, and in one which targets need the client's own login", () => {
    const result = setup('routes: { think: "gemini,gemini-2.5-pro", opus: "anthropic,*" }\n', {
      GEMINI_API_KEY: "g-0123456789",
      OPENROUTER_API_KEY: "o-0123456789",
    });
    expect(result.notices).toEqual([
      "LiteLLM goes by the model's name alone: without webSearch, think, and without the threshold of longContext, whose targets serve what is too long for another model.",
      "LiteLLM does not forward the client's own login: without anthropic,*.",
    ]);
    // What such a target alone would have served goes to the default.
    expect(documentOf(result).switchyard.patterns.map(({ match }) => match)).toEqual(["claude-*haiku*", "*"]);
  });

  it("asks nobody but the providers, waits minutes and not hours, and has no administration", () => {
    const { litellm_settings, general_settings, router_settings } = documentOf(setup(""));
    expect(litellm_settings).toMatchObject({ telemetry: false, request_timeout: 600, drop_params: true });
    expect(litellm_settings["callbacks"]).toEqual(["switchyard_hooks.hooks"]);
    expect(general_settings).toMatchObject({
      master_key: "os.environ/LITELLM_MASTER_KEY",
      custom_auth: "switchyard_auth.check",
      store_model_in_db: false,
    });
    expect(router_settings["num_retries"]).toBe(0);
  });
});

describe("keys", () => {
  it("stand in no configuration: it names variables, the user's own where it can", () => {
    const result = setup(
      `
providers:
  a: { preset: openai, keys: ["\${FIRST}", "written-out-key-1", " \${SECOND} "], headers: { x-token: "\${HEADER}", x-team: blue, x-secret: written-out-header } }
  b: { preset: zai, keys: ["\${FIRST}"] }
routes: { default: ["a,m", "b,m"] }
`,
      { FIRST: "first-value", SECOND: "second-value", HEADER: "header-value" },
    );
    for (const secret of ["first-value", "written-out", "second-value", "header-value", clientKey, masterKey])
      expect(result.config).not.toContain(secret);
    const entries = documentOf(result).model_list;
    const keysOf = (name: string): unknown[] =>
      entries.filter((entry) => entry.model_name === name).map((entry) => entry.litellm_params.api_key);
    expect(keysOf("a,m")).toEqual([
      "os.environ/FIRST",
      "os.environ/SWITCHYARD_LITERAL_PROVIDERS_A_KEYS_1",
      "os.environ/SECOND",
    ]);
    expect(entries[0]?.litellm_params["extra_headers"]).toEqual({
      "x-token": "os.environ/HEADER",
      "x-team": "blue",
      "x-secret": "os.environ/SWITCHYARD_LITERAL_PROVIDERS_A_HEADERS_X_SECRET",
    });
    expect(result.keys).toMatchObject({
      FIRST: "first-value",
      SECOND: "second-value",
      SWITCHYARD_LITERAL_PROVIDERS_A_KEYS_1: "written-out-key-1",
      SWITCHYARD_CLIENT_KEY: clientKey,
      LITELLM_MASTER_KEY: masterKey,
    });
    // LiteLLM sends x-api-key to providers of Anthropic's form: one that reads the other header gets that.
    const b = entries.find((entry) => entry.model_name === "b,m");
    expect(b?.litellm_params["extra_headers"]).toEqual({
      authorization: "os.environ/SWITCHYARD_BEARER_FIRST",
    });
    expect(result.keys["SWITCHYARD_BEARER_FIRST"]).toBe("Bearer first-value");
  });

  it("of another LiteLLM does not become this one's master key", () => {
    const result = setup('providers: { up: { preset: litellm } }\nroutes: { default: "up,m" }\n', {
      LITELLM_MASTER_KEY: "of-the-other-one",
    });
    expect(result.keys["LITELLM_MASTER_KEY"]).toBe(masterKey);
    const entry = documentOf(result).model_list.find(({ model_name }) => model_name === "up,m");
    expect(entry?.litellm_params.api_key).toBe("os.environ/SWITCHYARD_KEY_LITELLM_MASTER_KEY");
    expect(result.keys["SWITCHYARD_KEY_LITELLM_MASTER_KEY"]).toBe("of-the-other-one");
  });

  it("are not lent to a provider that needs none", () => {
    const document = documentOf(setup('routes: { default: "local,m" }\n', { OPENAI_API_KEY: "of-openai" }));
    const local = document.model_list.find(({ model_name }) => model_name === "local,m");
    expect(local?.litellm_params.api_key).toBe("none");
  });
});
