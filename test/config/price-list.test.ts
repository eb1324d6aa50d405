/** Public price lists, and the user's own copy of one. */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { describe, expect, test } from "vitest";
import { containerConfig } from "../../src/config/container.ts";
import { keeper, readKept } from "../../src/config/kept-config.ts";
import { modelInfoOf } from "../../src/config/model-info.ts";
import { readPublicList } from "../../src/config/price-list-forms.ts";
import { priceListFile, writePriceList, type SellerPrices } from "../../src/config/price-list.ts";
import { place, type Place } from "./support.ts";

const known = new Set(["google", "openrouter", "anthropic", "dashscope", "gemini"]);
const catalogue = (cost: unknown): string =>
  JSON.stringify({ google: { id: "google", models: { m: { id: "m", cost } } } });
const tokenList = (entry: object): string =>
  JSON.stringify({ "gemini/m": { litellm_provider: "gemini", ...entry } });

describe("a list in the form of models.dev", () => {
  test("gives prices with steps; the older field for the same step is not a second one", () => {
    const cost = {
      input: 5,
      output: 30,
      cache_read: 0.5,
      tiers: [{ input: 10, output: 45, cache_read: 1, tier: { type: "context", size: 272_000 } }],
      context_over_200k: { input: 10, output: 45 },
    };
    expect(readPublicList(catalogue(cost), known)).toEqual({
      form: "models.dev",
      left: {},
      sellers: {
        google: {
          m: {
            input: 5,
            output: 30,
            cacheRead: 0.5,
            above: [{ tokens: 272_000, input: 10, output: 45, cacheRead: 1 }],
          },
        },
      },
    });
  });

  test("the older field alone is a step above 200,000 tokens", () => {
    const cost = { input: 1, output: 2, context_over_200k: { input: 3, output: 4 } };
    expect(readPublicList(catalogue(cost), known)?.sellers["google"]?.["m"]?.above).toEqual([
      { tokens: 200_000, input: 3, output: 4 },
    ]);
  });

  test.each([
    ["without a price", undefined],
    ["whose price is -1, for: it depends", { input: -1, output: -1 }],
    ["with a price of output alone", { output: 3 }],
    [
      "with a step by something else",
      { input: 1, output: 2, tiers: [{ input: 2, output: 3, tier: { type: "time" } }] },
    ],
    ["with a price in words", { input: "1", output: "2" }],
  ])("a model %s stays unknown", (_name, cost) => {
    expect(readPublicList(catalogue(cost), known)?.sellers["google"]?.["m"]).toBeUndefined();
  });

  test("providers that no preset knows are left out", () => {
    const text = JSON.stringify({ elsewhere: { models: { m: { cost: { input: 1, output: 1 } } } } });
    expect(readPublicList(text, known)?.sellers).toEqual({});
  });
});

describe("a list in LiteLLM's form", () => {
  test("is per token, with names that begin with the seller", () => {
    const entry = {
      input_cost_per_token: 1.25e-6,
      output_cost_per_token: 1e-5,
      cache_read_input_token_cost: 1.25e-7,
      cache_creation_input_token_cost: 1.5625e-6,
      cache_creation_input_token_cost_above_1hr: 2.5e-6,
      input_cost_per_token_above_200k_tokens: 2.5e-6,
      output_cost_per_token_above_200k_tokens: 1.5e-5,
      cache_read_input_token_cost_above_200k_tokens: 2.5e-7,
    };
    expect(readPublicList(tokenList(entry), known)).toEqual({
      form: "LiteLLM",
      left: {},
      sellers: {
        gemini: {
          m: {
            input: 1.25,
            output: 10,
            cacheRead: 0.125,
            cacheWrite: 1.5625,
            cacheWrite1h: 2.5,
            above: [{ tokens: 200_000, input: 2.5, output: 15, cacheRead: 0.25 }],
          },
        },
      },
    });
  });

  test("ranges are steps, the first of them the price", () => {
    const tiered_pricing = [
      { range: [32_000, 128_000], input_cost_per_token: 2e-6, output_cost_per_token: 4e-6 },
      { range: [0, 32_000], input_cost_per_token: 1e-6, output_cost_per_token: 3e-6 },
    ];
    expect(readPublicList(tokenList({ tiered_pricing }), known)?.sellers["gemini"]?.["m"]).toEqual({
      input: 1,
      output: 3,
      above: [{ tokens: 32_000, input: 2, output: 4 }],
    });
  });

  const perToken = { input_cost_per_token: 1e-6, output_cost_per_token: 3e-6 };

  test.each([
    ["is paid by the image", { output_cost_per_image: 0.04 }, "without a price by the token"],
    [
      "charges more for reasoning",
      { ...perToken, output_cost_per_reasoning_token: 4e-6 },
      "that charge for reasoning or by the request as well",
    ],
    [
      "charges more for reasoning in a range",
      { tiered_pricing: [{ range: [0, 32_000], ...perToken, output_cost_per_reasoning_token: 4e-6 }] },
      "that charge for reasoning or by the request as well",
    ],
    [
      "charges by the request as well",
      { ...perToken, input_cost_per_request: 0.005 },
      "that charge for reasoning or by the request as well",
    ],
    [
      "has no price for the first range",
      { tiered_pricing: [{ range: [32_000, 64_000], ...perToken }] },
      "with steps by something else than the size of the context",
    ],
    [
      "costs nothing, as those do whose price nobody wrote down",
      { input_cost_per_token: 0, output_cost_per_token: 0 },
      "that are listed for nothing, which may mean that nobody knows",
    ],
    [
      "costs -1, for: it depends",
      { input_cost_per_token: -1, output_cost_per_token: -1 },
      "whose price depends on something",
    ],
  ])("a model that %s stays unknown, and is counted", (_what, entry, why) => {
    expect(readPublicList(tokenList(entry), known)).toMatchObject({ sellers: {}, left: { [why]: 1 } });
  });

  test("reasoning at the price of output, and an older name of cache reads, are understood", () => {
    const entry = {
      ...perToken,
      output_cost_per_reasoning_token: 3e-6,
      input_cost_per_token_cache_hit: 1e-7,
    };
    const price = { input: 1, output: 3, cacheRead: 0.1 };
    expect(readPublicList(tokenList(entry), known)?.sellers["gemini"]?.["m"]).toEqual(price);
  });

  test("what answers no turns is neither taken nor counted; what is free by its name costs nothing", () => {
    const text = JSON.stringify({
      "gemini/picture": { litellm_provider: "gemini", mode: "image_generation", ...perToken },
      "openrouter/a/b:free": {
        litellm_provider: "openrouter",
        mode: "chat",
        input_cost_per_token: 0,
        output_cost_per_token: 0,
      },
    });
    expect(readPublicList(text, known)).toEqual({
      form: "LiteLLM",
      sellers: { openrouter: { "a/b:free": { input: 0, output: 0 } } },
      left: {},
    });
  });

  test("of a model with two names the longer one counts, wherever it stands", () => {
    const long = { "gemini/m": { litellm_provider: "gemini", ...perToken } };
    const short = { m: { litellm_provider: "gemini", ...perToken, input_cost_per_token: 9e-6 } };
    for (const list of [
      { ...long, ...short },
      { ...short, ...long },
    ])
      expect(readPublicList(JSON.stringify(list), known)?.sellers["gemini"]).toEqual({
        m: { input: 1, output: 3 },
      });
  });
});

test.each(["", "no JSON", "[]", "{}", '{"a":{"b":1}}', "null"])("%j is no price list", (text) => {
  expect(readPublicList(text, known)).toBeUndefined();
});

const withList = (sellers: SellerPrices, yaml = ""): Place => {
  const here = place(yaml);
  writePriceList(priceListFile({ HOME: here.home }), { source: "list.json", date: "2026-11-21", sellers });
  return here;
};
const priceOf = (here: Place, provider: string, model: string) =>
  modelInfoOf(here.load({ OPENROUTER_API_KEY: "k" }), { provider, model })?.price;

describe("the user's price list", () => {
  const providers = "providers: { anthropic: { preset: anthropic, auth: passthrough } }\n";
  const openrouter = { "x-ai/grok-4.1-fast": { input: 7, output: 8 }, "a/new": { input: 1, output: 2 } };

  test("goes over the prices of config/models.yaml, for its own seller alone, and other figures stay", () => {
    const here = withList({ openrouter, anthropic: { "claude-opus-5": { input: 1, output: 1 } } }, providers);
    expect(priceOf(here, "openrouter", "x-ai/grok-4.1-fast")).toEqual({ input: 7, output: 8 });
    expect(priceOf(here, "openrouter", "a/new")).toEqual({ input: 1, output: 2 });
    expect(priceOf(here, "anthropic", "claude-opus-5")).toEqual({ input: 1, output: 1 });
    expect(priceOf(here, "elsewhere", "a/new")).toBeUndefined();
    expect(priceOf(here, "elsewhere", "claude-opus-5")).toBeUndefined();
    expect(here.load().models.get("anthropic,claude-opus-5")).toMatchObject({
      context: 1_000_000,
      thinkingBy: "effort",
    });
  });

  test.each(["x-ai/grok-4.1-fast", "openrouter,x-ai/grok-4.1-fast"])(
    "a price of yours for %s goes before it",
    (name) => {
      const here = withList({ openrouter }, `models: { "${name}": { price: { input: 3, output: 4 } } }\n`);
      expect(priceOf(here, "openrouter", "x-ai/grok-4.1-fast")).toEqual({ input: 3, output: 4 });
    },
  );

  test("a figure of yours that is no price leaves its price", () => {
    const here = withList({ openrouter }, 'models: { "openrouter,x-ai/grok-4.1-fast": { maxOutput: 99 } }\n');
    expect(here.load().models.get("openrouter,x-ai/grok-4.1-fast")).toMatchObject({
      maxOutput: 99,
      price: { input: 7, output: 8 },
    });
  });

  test("one that is damaged is told and left out: the router starts all the same", () => {
    const here = withList({ openrouter });
    const file = priceListFile({ HOME: here.home });
    for (const text of ["{", '{"source":"x","date":"y","sellers":{"openrouter":{"m":{"input":"1"}}}}']) {
      writeFileSync(file, text);
      const config = here.load();
      expect(config.notices.join("\n")).toContain(`${file} is damaged`);
      expect(config.models.get("openrouter,x-ai/grok-4.1-fast")?.price).toMatchObject({ input: 0.2 });
    }
  });

  test("is nobody else's to write, watched, and part of what the kept configuration is made of", () => {
    const here = withList({ openrouter });
    const file = priceListFile({ HOME: here.home });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(here.load().files).toContain(file);
    const cache = join(here.root, "cache", "x");
    here.write("cache/keep", "");
    const options = here.options();
    const { options: noted, keep } = keeper(options, cache);
    keep(here.load({}, noted));
    expect(readKept(options, cache)).toBeDefined();
    writeFileSync(file, readFileSync(file, "utf8").replace("7", "9"));
    expect(readKept(options, cache)).toBeUndefined();
  });

  test("reaches a container: targets that are named, and all of a provider with a target *", () => {
    const here = withList(
      { openrouter, anthropic: { "claude-a": { input: 1, output: 1 }, "claude-b": { input: 2, output: 2 } } },
      `${providers}routes: { opus: "anthropic,*" }\nmodels: { "openrouter,x-ai/grok-4.1-fast": { maxOutput: 5 } }\n`,
    );
    const { models } = parse(containerConfig(here.source(), { port: 1 })) as { models: unknown };
    expect(models).toEqual({
      "openrouter,x-ai/grok-4.1-fast": { maxOutput: 5, price: { input: 7, output: 8 } },
      "anthropic,claude-a": { price: { input: 1, output: 1 } },
      "anthropic,claude-b": { price: { input: 2, output: 2 } },
    });
  });
});
