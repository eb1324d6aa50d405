/**
 * Public price lists, read: that of models.dev (https://models.dev/api.json, US dollars per million tokens) and LiteLLM's
 * model_prices_and_context_window.json (US dollars per token). What a price cannot say (a price by the image, a step by something else
 * than the context) is left out with its model: a wrong price is worse than an unknown one.
 */
import { isJsonObject, type JsonObject } from "../shared/json.ts";
import { isPrice, type SellerPrices } from "./price-list.ts";
import type { Price, Rates } from "./types.ts";

export interface ReadPrices {
  readonly form: "models.dev" | "LiteLLM";
  readonly sellers: SellerPrices;
  /** How many models of these sellers are left out, by the reason. */
  readonly left: Readonly<Record<string, number>>;
}

/** Why a model has no price here; told to the user, behind the number of models. */
const reasons = {
  none: "without a price by the token",
  parts: "that charge for reasoning or by the request as well",
  steps: "with steps by something else than the size of the context",
  depends: "whose price depends on something",
  zero: "that are listed for nothing, which may mean that nobody knows",
} as const;
type Reason = keyof typeof reasons;

const isReason = (found: Price | Reason): found is Reason => typeof found === "string";

/** Without what binary fractions leave behind: 1.25e-06 times a million is 1.25. */
const rounded = (amount: number): number => Number(amount.toPrecision(12));

/** Prices under their names; undefined where input or output is missing. `names`: ours -> those of the list. */
const ratesOf = (
  given: JsonObject,
  names: Readonly<Record<keyof Rates, string>>,
  factor: number,
): Rates | undefined => {
  const found: Partial<Record<keyof Rates, number>> = {};
  for (const [ours, theirs] of Object.entries(names) as [keyof Rates, string][]) {
    const value = given[theirs];
    if (typeof value === "number") found[ours] = rounded(value * factor);
  }
  const { input, output, ...rest } = found;
  return input === undefined || output === undefined ? undefined : { input, output, ...rest };
};

const catalogueNames = {
  input: "input",
  output: "output",
  cacheRead: "cache_read",
  cacheWrite: "cache_write",
  cacheWrite1h: "cache_write_1h",
};

/** `cost` of models.dev. */
const catalogueCost = (cost: JsonObject): Price | Reason => {
  const base = ratesOf(cost, catalogueNames, 1);
  if (base === undefined) return "none";
  if (isApart(cost["reasoning"], base.output)) return "parts";
  const tiers = cost["tiers"];
  const over = cost["context_over_200k"];
  // The older field says no more than the newer, and stands beside it.
  const steps = Array.isArray(tiers)
    ? tiers
    : isJsonObject(over)
      ? [{ ...over, tier: { type: "context", size: 200_000 } }]
      : [];
  const above: NonNullable<Price["above"]>[number][] = [];
  for (const step of steps as unknown[]) {
    const tier = isJsonObject(step) ? step["tier"] : undefined;
    const rates = isJsonObject(step) ? ratesOf(step, catalogueNames, 1) : undefined;
    if (!isJsonObject(tier) || tier["type"] !== "context" || typeof tier["size"] !== "number" || !rates)
      return "steps";
    above.push({ tokens: tier["size"], ...rates });
  }
  return above.length === 0 ? base : { ...base, above };
};

const tokenNames = (suffix: string): Record<keyof Rates, string> => ({
  input: `input_cost_per_token${suffix}`,
  output: `output_cost_per_token${suffix}`,
  cacheRead: `cache_read_input_token_cost${suffix}`,
  cacheWrite: `cache_creation_input_token_cost${suffix}`,
  cacheWrite1h: `cache_creation_input_token_cost_above_1hr${suffix}`,
});

/** Whether something is charged beside what is known by another name. */
const isApart = (rate: unknown, same: unknown): boolean =>
  typeof rate === "number" && rate !== 0 && rate !== same;

const reasoningName = "output_cost_per_reasoning_token";

/** An entry of LiteLLM's list. */
const perToken = (entry: JsonObject): Price | Reason => {
  const ranges = entry["tiered_pricing"];
  if (Array.isArray(ranges)) return byRanges(ranges);
  const given = ratesOf(entry, tokenNames(""), 1_000_000);
  if (given === undefined) return "none";
  if (
    isApart(entry[reasoningName], entry["output_cost_per_token"]) ||
    isApart(entry["input_cost_per_request"], 0)
  )
    return "parts";
  // An older name of the same.
  const hit = entry["input_cost_per_token_cache_hit"];
  const base =
    given.cacheRead === undefined && typeof hit === "number"
      ? { ...given, cacheRead: rounded(hit * 1_000_000) }
      : given;
  const above = Object.keys(entry).flatMap((name) => {
    const thousands = /^input_cost_per_token_above_(\d+)k_tokens$/.exec(name)?.[1];
    if (thousands === undefined) return [];
    const rates = ratesOf(entry, tokenNames(`_above_${thousands}k_tokens`), 1_000_000);
    // A step that raises input alone.
    const input = entry[name];
    const one =
      typeof input === "number" ? { input: rounded(input * 1_000_000), output: base.output } : undefined;
    const step = rates ?? one;
    return step === undefined ? [] : [{ tokens: Number(thousands) * 1_000, ...step }];
  });
  return above.length === 0 ? base : { ...base, above };
};

/** `tiered_pricing`: each range from its first number of tokens on. */
const byRanges = (ranges: readonly unknown[]): Price | Reason => {
  const isPart = (range: unknown): boolean =>
    isJsonObject(range) && isApart(range[reasoningName], range["output_cost_per_token"]);
  if (ranges.some(isPart)) return "parts";
  const steps = ranges.map((range) => {
    const from =
      isJsonObject(range) && Array.isArray(range["range"]) ? (range["range"][0] as unknown) : undefined;
    const rates = isJsonObject(range) ? ratesOf(range, tokenNames(""), 1_000_000) : undefined;
    return typeof from === "number" && rates !== undefined ? { tokens: from, ...rates } : undefined;
  });
  const all = steps.filter((step) => step !== undefined).toSorted((a, b) => a.tokens - b.tokens);
  const [first, ...rest] = all;
  if (all.length !== steps.length || first === undefined || first.tokens > 1) return "steps";
  const { tokens: _from, ...base } = first;
  return rest.length === 0 ? base : { ...base, above: rest };
};

const isCatalogue = (list: JsonObject): boolean =>
  Object.values(list).some((seller) => isJsonObject(seller) && isJsonObject(seller["models"]));
const isTokenList = (list: JsonObject): boolean =>
  Object.values(list).some((entry) => isJsonObject(entry) && typeof entry["litellm_provider"] === "string");

/** Kinds of models in LiteLLM's list that answer turns; an entry may say none. */
const modes: ReadonlySet<unknown> = new Set(["chat", "responses", "completion", undefined]);

/** Seller, model and price of each entry, or why it has none here. */
const entriesOf = function* (list: JsonObject): Generator<[string, string, Price | Reason]> {
  if (isCatalogue(list)) {
    for (const [seller, { models }] of Object.entries(list as Record<string, { models?: JsonObject }>))
      for (const [model, entry] of Object.entries(models ?? {})) {
        const cost = isJsonObject(entry) ? entry["cost"] : undefined;
        yield [seller, model, isJsonObject(cost) ? catalogueCost(cost) : "none"];
      }
    return;
  }
  for (const [name, entry] of Object.entries(list)) {
    const seller = isJsonObject(entry) ? entry["litellm_provider"] : undefined;
    if (!isJsonObject(entry) || typeof seller !== "string" || !modes.has(entry["mode"])) continue;
    const prefixed = `${seller}/${name}`;
    // The same model by both names: LiteLLM itself goes by the longer one.
    if (Object.hasOwn(list, prefixed)) continue;
    const model = name.startsWith(`${seller}/`) ? name.slice(seller.length + 1) : name;
    yield [seller, model, perToken(entry)];
  }
};

/**
 * The prices of the sellers that are asked for.
 * @returns undefined where the text is neither form
 */
export const readPublicList = (text: string, wanted: ReadonlySet<string>): ReadPrices | undefined => {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isJsonObject(list) || !(isCatalogue(list) || isTokenList(list))) return undefined;
  const sellers: Record<string, Record<string, Price>> = {};
  const left: Record<string, number> = {};
  for (const [seller, model, found] of entriesOf(list)) {
    if (!wanted.has(seller)) continue;
    const judged = isReason(found) ? found : judge(model, found);
    if (isReason(judged)) left[reasons[judged]] = (left[reasons[judged]] ?? 0) + 1;
    else (sellers[seller] ??= {})[model] = judged;
  }
  return { form: isCatalogue(list) ? "models.dev" : "LiteLLM", sellers, left };
};

/** What costs nothing is free by name at OpenRouter (`:free`); elsewhere nobody can tell it from what is not known, and unknown is never free. */
const judge = (model: string, price: Price): Price | Reason => {
  // Some prices are -1.
  if (!isPrice(price)) return "depends";
  return price.input === 0 && price.output === 0 && !model.endsWith(":free") ? "zero" : price;
};
