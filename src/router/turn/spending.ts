/** What a turn uses, call by call: each counts once, for its own target, at its own price. */
import { modelInfoOf } from "../../config/model-info.ts";
import { asAsked, targetName, type Config, type Target } from "../../config/types.ts";
import type { Usage } from "../../protocol/anthropic.ts";
import { count } from "../../protocol/usage.ts";
import { isJsonObject } from "../../shared/json.ts";
import { plusSpent, type Spent } from "../ledger/record.ts";
import { costOf, type PricedTokens } from "../prices/cost.ts";

/** @returns undefined where nothing was reported: no call reads nothing and writes nothing, so zeros alone say nothing */
export const tokensOf = (usage: Usage | undefined): PricedTokens | undefined => {
  if (usage === undefined) return undefined;
  const details = usage["output_tokens_details"];
  const writes = usage["cache_creation"];
  const hour = isJsonObject(writes) ? count(writes["ephemeral_1h_input_tokens"]) : 0;
  const tokens = {
    input: count(usage.input_tokens),
    output: count(usage.output_tokens),
    cacheWrite: count(usage.cache_creation_input_tokens),
    cacheRead: count(usage.cache_read_input_tokens),
    reasoning: isJsonObject(details) ? count(details["thinking_tokens"]) : 0,
    ...(hour > 0 && { cacheWrite1h: hour }),
  };
  return tokens.input + tokens.output + tokens.cacheWrite + tokens.cacheRead > 0 ? tokens : undefined;
};

export class Spending {
  readonly #config: Config;
  readonly #asked: string;
  readonly #by = new Map<string, Spent>();

  /** @param asked the model that was asked for, which a target `provider,*` keeps */
  constructor(config: Config, asked: string) {
    this.#config = config;
    this.#asked = asked;
  }

  /** Counts a call. The price goes by this call's own context. @returns what it used; undefined where it reported nothing */
  add(target: Target, usage: Usage | undefined): Spent | undefined {
    const tokens = tokensOf(usage);
    if (tokens === undefined) return undefined;
    const info = modelInfoOf(this.#config, asAsked(target, this.#asked));
    const { cacheWrite1h: _hour, ...kept } = tokens;
    const spent: Spent = { target: targetName(target), tokens: kept, cost: costOf(tokens, info?.price) };
    const before = this.#by.get(spent.target);
    this.#by.set(spent.target, before === undefined ? spent : plusSpent(before, spent));
    return spent;
  }

  /** By target, each once. */
  get all(): readonly Spent[] {
    return [...this.#by.values()];
  }

  /** Undefined where no provider reported anything. */
  get total(): Pick<Spent, "tokens" | "cost"> | undefined {
    const [first, ...others] = this.#by.values();
    return first === undefined ? undefined : others.reduce(plusSpent, first);
  }
}
