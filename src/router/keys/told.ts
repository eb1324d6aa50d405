/** The command by which a worker tells of calls whose keys it has taken and given back by itself (near.ts). */
import type { StateCommand } from "../state/state.ts";
import { giveKey } from "./give.ts";
import { affinityLasts } from "./take.ts";
import { affinities, leases, nameOf } from "./tables.ts";
import type { GiveArgs } from "./terms.ts";
import { countUse } from "./usage.ts";

/** A call that was let through: a list, because many of them are sent. */
export type ToldCall = readonly [
  lease: string,
  provider: string,
  key: string,
  model: string,
  at: number,
  tokens: number,
  /** Milliseconds since the epoch. */
  expiresAt: number,
];

export interface ToldUse {
  readonly taken: readonly ToldCall[];
  /** Of these, and of earlier ones. */
  readonly given: readonly GiveArgs[];
  /** Conversations that are on a key. */
  readonly kept: readonly (readonly [provider: string, conversation: string, key: string])[];
}

/** Counts what was done elsewhere as `takeKey` and `giveKey` would have. */
export const toldUse: StateCommand<ToldUse, void> = {
  name: "toldUse",
  lasting: true,
  run(tables, { taken, given, kept }, now) {
    for (const [id, provider, key, model, at, tokens, expiresAt] of taken) {
      const lease = { provider, key, model, at, tokens, probes: [] };
      tables.of(leases).set(id, lease, expiresAt);
      countUse(tables, lease);
    }
    for (const [provider, conversation, key] of kept)
      tables.of(affinities).set(nameOf(provider, conversation), key, now + affinityLasts);
    for (const each of given) giveKey.run(tables, each, now);
  },
};
