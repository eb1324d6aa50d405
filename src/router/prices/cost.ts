/** What a turn costs: its tokens at the prices of config/models.yaml, of the user's price list, or of the user's own configuration. */
import type { ModelInfo, Price, Rates } from "../../config/types.ts";
import type { TurnTokens } from "../ledger/record.ts";

/** Tokens of a turn; of `cacheWrite` the part that is kept for an hour. */
export type PricedTokens = TurnTokens & { readonly cacheWrite1h?: number };

/** A provider whose price for the hour is not known: Anthropic, who invented it, takes twice the price of input. */
const hourFactor = 2;

/** All that was read, cached or not: what the size of the context is judged by. */
const contextOf = ({ input, cacheRead, cacheWrite }: TurnTokens): number => input + cacheRead + cacheWrite;

/** A request above a size costs the higher price for all of its tokens, not for those above it alone. */
const ratesAt = (price: Price, context: number): Rates => {
  let tier: (Rates & { readonly tokens: number }) | undefined;
  for (const each of price.above ?? [])
    if (context > each.tokens && each.tokens >= (tier?.tokens ?? 0)) tier = each;
  if (tier === undefined) return price;
  // What a step does not name rises as its input does.
  const factor = price.input === 0 ? 1 : tier.input / price.input;
  const raised = (rate: number | undefined): number | undefined =>
    rate === undefined ? undefined : rate * factor;
  const cacheRead = tier.cacheRead ?? raised(price.cacheRead);
  const cacheWrite = tier.cacheWrite ?? raised(price.cacheWrite);
  const cacheWrite1h = tier.cacheWrite1h ?? raised(price.cacheWrite1h);
  return {
    input: tier.input,
    output: tier.output,
    ...(cacheRead !== undefined && { cacheRead }),
    ...(cacheWrite !== undefined && { cacheWrite }),
    ...(cacheWrite1h !== undefined && { cacheWrite1h }),
  };
};

/**
 * A cached token without a price of its own is one of input: providers that name none charge that. Never less than what is charged, never free.
 * @param context tokens of the request, by which its price is judged; default: all that was read
 * @returns US dollars; null where the price is not known
 */
export const costOf = (
  tokens: PricedTokens,
  price: ModelInfo["price"] | undefined,
  context = contextOf(tokens),
): number | null => {
  if (price === undefined) return null;
  const rates = ratesAt(price, context);
  const hour = Math.min(tokens.cacheWrite1h ?? 0, tokens.cacheWrite);
  const write = rates.cacheWrite ?? rates.input;
  const hourRate =
    rates.cacheWrite1h ?? (rates.cacheWrite === undefined ? rates.input : hourFactor * rates.input);
  const perMillion =
    tokens.input * rates.input +
    tokens.cacheRead * (rates.cacheRead ?? rates.input) +
    (tokens.cacheWrite - hour) * write +
    hour * hourRate +
    // Reasoning is part of it.
    tokens.output * rates.output;
  return perMillion / 1_000_000;
};
