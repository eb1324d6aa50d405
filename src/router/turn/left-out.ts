/** Which targets of the rule's list were left out before the first was tried, and why: told at the end of a turn, for its account. */
import { targetName, type Config, type Target } from "../../config/types.ts";
import type { ClientIdentity } from "../clients/identity.ts";
import { mayUse } from "../clients/permitted.ts";
import type { SkippedTarget } from "../ledger/record.ts";

export interface Narrowing {
  readonly config: Config;
  readonly client: ClientIdentity | undefined;
  /** The model of the request. */
  readonly asked: string;
  /** What the rule led to. */
  readonly wanted: readonly Target[];
  /** What of it is switched on. */
  readonly on: readonly Target[];
  /** What of that can do what the client's protocol asks for. */
  readonly able: readonly Target[];
  /** What of that the client may use, and has a budget for. */
  readonly admitted: readonly Target[];
  /** The budget that stood in the way of some. */
  readonly budget: string | undefined;
}

const whyOff = (config: Config, { provider: name }: Target): string => {
  const provider = config.providers.get(name);
  if (provider === undefined) return "there is no such provider";
  return provider.disabled ?? "it answers only where nothing else of the list is switched on";
};

export const leftOut = (narrowing: Narrowing): SkippedTarget[] => {
  const { config, client, asked, wanted, on, able, admitted, budget } = narrowing;
  const seen = new Set(admitted.map(targetName));
  return wanted.flatMap((target) => {
    const name = targetName(target);
    if (seen.has(name)) return [];
    seen.add(name);
    const isIn = (list: readonly Target[]): boolean => list.some((each) => targetName(each) === name);
    if (!isIn(on)) return { target: name, reason: whyOff(config, target) };
    if (!isIn(able)) return { target: name, reason: "it cannot do what this protocol asks for" };
    if (!mayUse(client, target, config, asked))
      return { target: name, reason: "the client key may not use it" };
    return {
      target: name,
      reason: budget === undefined ? "not admitted" : `the budget ${budget} has no room`,
    };
  });
};
