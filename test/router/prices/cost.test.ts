/** What turns cost, against figures that were reckoned by hand. */
import { describe, expect, it } from "vitest";
import { costOf, type PricedTokens } from "../../../src/router/prices/cost.ts";
import { modelInfoOf } from "../../../src/config/model-info.ts";
import { place } from "../../config/support.ts";

const tokens = (given: Partial<PricedTokens>): PricedTokens => ({
  input: 0,
  output: 0,
  cacheWrite: 0,
  cacheRead: 0,
  reasoning: 0,
  ...given,
});
const { models } = place(
  "providers: { openai: { preset: openai }, zai: { preset: zai }, elsewhere: { dialect: openai-chat, baseUrl: 'http://127.0.0.1:1', keys: [] } }\n",
).load();
/** Of the one that makes the model. */
const makers: Readonly<Record<string, string>> = {
  claude: "anthropic",
  gpt: "openai",
  gemini: "gemini",
  glm: "zai",
};
const priceOf = (model: string, provider = makers[model.split("-")[0]!] ?? "anthropic") =>
  modelInfoOf({ models }, { provider, model })?.price;

describe("the cost of a turn", () => {
  it.each<[string, string, Partial<PricedTokens>, number]>([
    // 1,000 x 1 + 200 x 5 = 2,000 millionths
    ["plain", "claude-haiku-4-5", { input: 1_000, output: 200 }, 0.002],
    // 12 x 5 + 80,000 x 0.5 + 2,000 x 6.25 + 400 x 25 = 60 + 40,000 + 12,500 + 10,000
    [
      "with a cache",
      "claude-opus-5",
      { input: 12, output: 400, cacheRead: 80_000, cacheWrite: 2_000 },
      0.06256,
    ],
    // 500 x 6.25 + 1,500 x 10 = 3,125 + 15,000
    ["an hour's cache", "claude-opus-5", { cacheWrite: 2_000, cacheWrite1h: 1_500 }, 0.018125],
    // Reasoning is output: 100 x 2.5 + 1,000 x 15
    ["reasoning is not counted twice", "gpt-5.4", { input: 100, output: 1_000, reasoning: 900 }, 0.01525],
    // The step counts above 200,000, not at it: 200,000 x 1.25 + 10 x 10
    ["at the step", "gemini-2.5-pro", { input: 200_000, output: 10 }, 0.2501],
    // 200,001 x 2.5 + 10 x 15
    ["above the step, for all of it", "gemini-2.5-pro", { input: 200_001, output: 10 }, 0.5001525],
    // What came out of a cache is context too: 1,000 x 2.5 + 250,000 x 0.25 + 10 x 15
    [
      "cached context is context",
      "gemini-2.5-pro",
      { input: 1_000, cacheRead: 250_000, output: 10 },
      0.06515,
    ],
    // 90,000 x 0.5 + 10,000 x 0.05 + 1,000 x 1 + 20 x 2.5
    [
      "every price has its step",
      "claude-haiku-5-5",
      { input: 90_000, cacheRead: 10_000, cacheWrite: 1_000, cacheWrite1h: 1_000, output: 20 },
      0.04655,
    ],
    // Providers that name no price of cached tokens charge them as input: (10 + 20 + 30) x 1.4 + 5 x 4.4
    ["no price of the cache", "glm-5.1", { input: 10, cacheRead: 20, cacheWrite: 30, output: 5 }, 0.000106],
    ["nothing used", "claude-opus-5", {}, 0],
  ])("%s", (_name, model, used, dollars) => {
    expect(costOf(tokens(used), priceOf(model))).toBeCloseTo(dollars, 12);
  });

  it("of a model whose price is not known is unknown, and of one that costs nothing it is nothing", () => {
    const used = tokens({ input: 1_000_000, output: 1_000_000 });
    expect(priceOf("nobody-knows-it")).toBeUndefined();
    expect(costOf(used, undefined)).toBeNull();
    expect(costOf(used, { input: 0, output: 0 })).toBe(0);
  });

  it("an hour's cache without a price of its own costs twice the input, as at Anthropic", () => {
    const price = { input: 3, output: 15, cacheWrite: 3.75 };
    expect(costOf(tokens({ cacheWrite: 1_000_000, cacheWrite1h: 400_000 }), price)).toBeCloseTo(
      0.6 * 3.75 + 0.4 * 6,
    );
  });

  it("a step that names input and output alone raises what is cached as it raises input", () => {
    const price = { input: 2, output: 10, cacheRead: 0.2, above: [{ tokens: 100, input: 5, output: 12 }] };
    expect(costOf(tokens({ cacheRead: 1_000_000 }), price)).toBeCloseTo(0.5);
  });

  it("the highest step that was reached counts, in whatever order they stand", () => {
    const above = [
      { tokens: 500_000, input: 9, output: 0 },
      { tokens: 100_000, input: 4, output: 0 },
    ];
    const dollars = [100_000, 500_000, 1_000_000].map((input) =>
      costOf(tokens({ input }), { input: 1, output: 0, above }),
    );
    expect(dollars).toEqual([0.1, 2, 9]);
  });

  it("an aggregate's context may be told apart from its tokens", () => {
    const price = { input: 1, output: 0, above: [{ tokens: 100, input: 2, output: 0 }] };
    expect(costOf(tokens({ input: 1_000_000 }), price, 100)).toBe(1);
  });
});

describe("prices of the configuration", () => {
  it("have steps and an hour's price", () => {
    const config = place(
      "models: { my-model: { price: { input: 1, output: 2, cacheWrite1h: 3, above: [{ tokens: 10, input: 4, output: 5 }] } } }\n",
    ).load();
    expect(config.models.get("my-model")?.price).toEqual({
      input: 1,
      output: 2,
      cacheWrite1h: 3,
      above: [{ tokens: 10, input: 4, output: 5 }],
    });
  });

  it("a step without its size is told with file and line", () => {
    expect(() =>
      place(
        "models:\n  m:\n    price:\n      input: 1\n      output: 2\n      above: [{ input: 4, output: 5 }]\n",
      ).load(),
    ).toThrow(/switchyard\.yaml:6.*models\.m\.price\.above\[0\]/s);
  });
});

describe("a price", () => {
  it("is that of the one who makes the model, and unknown of another who sells it", () => {
    expect(priceOf("claude-opus-5", "anthropic")?.input).toBe(5);
    expect(priceOf("claude-opus-5", "elsewhere")).toBeUndefined();
    expect(priceOf("claude-opus-5", "openrouter")).toBeUndefined();
    // What else is known of it holds there too.
    expect(modelInfoOf({ models }, { provider: "elsewhere", model: "claude-opus-5" })?.context).toBe(
      1_000_000,
    );
  });

  it("of another seller has a row of its own, or the user's figure for the model", () => {
    expect(priceOf("x-ai/grok-4.1-fast", "openrouter")?.input).toBe(0.2);
    const own = place(
      "models: { claude-opus-5: { price: { input: 1, output: 2 } }, 'local,*': { price: { input: 0, output: 0 } }, 'local,dear': { price: { input: 7, output: 7 } } }\n",
    ).load();
    const of = (provider: string, model: string) => modelInfoOf(own, { provider, model })?.price?.input;
    expect(["anthropic", "openrouter"].map((provider) => of(provider, "claude-opus-5"))).toEqual([1, 1]);
    expect(["any", "dear"].map((model) => of("local", model))).toEqual([0, 7]);
  });

  it("of the demonstration is none, whatever model it is asked for", () => {
    expect(costOf(tokens({ input: 1_000 }), priceOf("echo", "demo"))).toBe(0);
    expect(costOf(tokens({ input: 1_000 }), priceOf("claude-opus-5", "demo"))).toBe(0);
  });
});
