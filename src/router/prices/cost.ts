/** What a turn costs. */
import type { ModelInfo } from "../../config/types.ts";
import type { TurnTokens } from "../ledger/record.ts";

/**
 * US dollars; null where the price is not known: that is not free. Where no price of cached tokens is known they are reckoned as input, which is never too little
 * for reading.
 * @param price US dollars per million tokens
 */
export const costOf = (tokens: TurnTokens, price: ModelInfo["price"] | undefined, _inputTokens: number): number | null => {
  if (price === undefined) return null;
  const { input, output, cacheRead = input, cacheWrite = input } = price;
  const sum =
    tokens.input * input +
    tokens.output * output +
    tokens.cacheRead * cacheRead +
    tokens.cacheWrite * cacheWrite;
  return sum / 1_000_000;
};
