/** Requests and tokens of a client key in the minute that slides along: reckoned as those of a provider's keys are. */
import type { StateCommand } from "../state/state.ts";
import { leases } from "../keys/tables.ts";
import { beginUse, correctUse, limitedUntil, usageOf, usedThisMinute } from "../keys/usage.ts";

/** Stands where a provider's name does. No provider can have it: names there hold no slash. */
const clients = "/clients";

export interface AllowanceArgs {
  /** Id of the client key. */
  readonly client: string;
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
  /** Estimated input tokens. */
  readonly tokens: number;
  /** Milliseconds that the turn may last at the most. */
  readonly longest: number;
}

export type Allowance =
  | { readonly kind: "allowed"; readonly lease: string }
  /** `until`: when the limit lets it through, milliseconds since the epoch. */
  | {
      readonly kind: "limited";
      readonly until: number;
      readonly requests: number;
      readonly tokens: number;
    };

export const takeAllowance: StateCommand<AllowanceArgs, Allowance> = {
  name: "clients.take",
  lasting: true,
  run: (tables, { client, tokens, longest, ...limits }, now) => {
    const usage = usageOf(tables, clients, client, now);
    const until = limitedUntil({ id: client, priority: 0, weight: 1, ...limits }, usage, 0, tokens, now);
    if (until > now) return { kind: "limited", until, ...usedThisMinute(usage) };
    const lease = { provider: clients, key: client, model: "", at: now, tokens, probes: [] };
    return { kind: "allowed", lease: beginUse(tables, lease, now + longest) };
  },
};

/** The turn has ended. `tokens`: input and output as the provider counted them; 0: it did not say. */
export const giveAllowance: StateCommand<{ readonly lease: string; readonly tokens: number }, void> = {
  name: "clients.give",
  lasting: true,
  run: (tables, { lease, tokens }, now) => {
    const taken = tables.of(leases).get(lease);
    if (taken === undefined) return;
    tables.of(leases).delete(lease);
    correctUse(tables, taken, tokens, now);
  },
};

/** Requests and tokens of the last minute. */
export const viewAllowances: StateCommand<
  { readonly clients: readonly string[] },
  readonly { readonly requests: number; readonly tokens: number }[]
> = {
  name: "clients.view",
  lasting: false,
  run: (tables, { clients: ids }, now) => ids.map((id) => usedThisMinute(usageOf(tables, clients, id, now))),
};
