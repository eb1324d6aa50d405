/**
 * Whether a turn may begin, and with which targets: by what its client key may use, its limits per minute, and the budgets. A turn without a key that
 * has terms, in a configuration without budgets, passes without a question to the state.
 */
import { targetName, type Config, type Target } from "../../config/types.ts";
import type { MessagesRequest } from "../../protocol/anthropic.ts";
import type { Logger } from "../../shared/log.ts";
import { reserve, type Full } from "../budgets/reserve.ts";
import { settle, type Charge } from "../budgets/settle.ts";
import { budgetsOfProvider, budgetsOfTurn, type Spender, type TurnBudget } from "../budgets/terms-of.ts";
import { logWarning } from "../budgets/warnings.ts";
import { giveAllowance, takeAllowance } from "../clients/allowance.ts";
import { mayUse, permittedTargets } from "../clients/permitted.ts";
import { spentOf, type TurnRecord, type TurnTokens } from "../ledger/record.ts";
import type { RouterState } from "../state/state.ts";
import { estimatedCost, estimatedTokens } from "./estimate.ts";
import { limitedError, noRoomError } from "./refusals.ts";

export interface AdmitArgs extends Spender {
  /** The turn's id. */
  readonly turn?: string;
  readonly config: Config;
  readonly state: RouterState;
  readonly log: Pick<Logger, "warn">;
  readonly request: Pick<MessagesRequest, "max_tokens" | "model">;
  /** In the order in which they are to be tried. */
  readonly targets: readonly Target[];
  /** Of the request's body in bytes. */
  readonly size: number;
  /** The configuration at the turn's end, whose budgets it is counted for; default: the one that it began with. */
  readonly atEnd?: () => Config;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** What a turn has used. */
export interface Used {
  /** As the ledger has it. */
  readonly record: Pick<TurnRecord, "target" | "tokens" | "cost" | "spent">;
  /** Something was used, at its target, of which nobody told how much. */
  readonly unknown?: boolean;
}

export interface Admission {
  /** Never empty. */
  readonly targets: readonly Target[];
  /** The budget that stands at its limit, where another route serves by its wish. */
  readonly spared: string | undefined;
  /** Counts what the turn has used. Called once at its end; later calls do nothing. */
  settle(used: Used): Promise<void>;
  /** Gives back what was held. Does nothing after `settle`. */
  release(): Promise<void>;
}

/** Longer than any turn, in milliseconds: what is held by a turn that was lost is free then. */
const longest = 2 * 3_600_000;

const nothing = (): Promise<void> => Promise.resolve();

/** @throws SwitchyardError client.model, client.profile, limit.client, budget.exceeded, budget.held */
export const admit = async (args: AdmitArgs): Promise<Admission> => {
  const targets = permittedTargets(args.client, args.targets, args.config, args.request.model);
  const limited = await takeLimits(args);
  try {
    const spending = await takeBudgets(args, targets);
    let ended = false;
    const end = async (used: Used | undefined): Promise<void> => {
      if (ended) return;
      ended = true;
      // What was spent goes out before anything is waited for: a kill may come.
      await Promise.all([spending?.settle(used), limited(used?.record.tokens ?? null)]);
    };
    return {
      targets: spending?.targets ?? targets,
      spared: spending?.spared,
      settle: end,
      release: () => end(undefined),
    };
  } catch (error) {
    await limited(null);
    throw error;
  }
};

/** @returns gives the allowance back with what was used */
const takeLimits = async ({
  client,
  state,
  size,
  now = Date.now,
}: AdmitArgs): Promise<(tokens: TurnTokens | null) => Promise<void>> => {
  const { requestsPerMinute = null, tokensPerMinute = null } = client?.terms ?? {};
  if (client === undefined || (requestsPerMinute === null && tokensPerMinute === null)) return nothing;
  const taken = await state.call(takeAllowance, {
    client: client.id,
    ...(requestsPerMinute !== null && { requestsPerMinute }),
    ...(tokensPerMinute !== null && { tokensPerMinute }),
    tokens: estimatedTokens(size),
    longest,
  });
  if (taken.kind === "limited")
    throw limitedError(client.name, taken, { requestsPerMinute, tokensPerMinute }, now());
  return (tokens) =>
    state.call(giveAllowance, {
      lease: taken.lease,
      tokens: tokens === null ? 0 : tokens.input + tokens.cacheWrite + tokens.output,
    });
};

interface Held {
  readonly targets: readonly Target[];
  readonly spared: string | undefined;
  settle(used: Used | undefined): Promise<void>;
}

const nameOfFull = ({ budget, of }: Pick<Full, "budget" | "of">): string => JSON.stringify([budget, of]);

const takeBudgets = async (args: AdmitArgs, permitted: readonly Target[]): Promise<Held | undefined> => {
  const { config, state, log, request, size, atEnd = () => config, now = Date.now } = args;
  const ofTurn = budgetsOfTurn(config, args);
  if (ofTurn.length === 0 && !config.budgets.some(({ scope }) => scope === "provider")) return undefined;
  /** Those that had no room, by name. Each round adds one, so that it comes to an end. */
  const full = new Map<string, Full>();
  for (;;) {
    const { targets, spared } = withRoom(args, ofTurn, permitted, full, now());
    const first = targets[0]!;
    const applying = [...ofTurn, ...budgetsOfProvider(config, first.provider)];
    const answer = await state.call(reserve, {
      budgets: applying.map(({ terms }) => ({
        ...terms,
        enforced: !full.has(nameOfFull({ budget: terms.name, of: terms.of })),
      })),
      amount: estimatedCost(config, first, request, size),
      longest,
      ...(args.turn !== undefined && { turn: args.turn }),
    });
    if (answer.kind === "full") {
      full.set(nameOfFull(answer.full), answer.full);
      continue;
    }
    const { lease, at } = answer;
    return {
      targets,
      spared,
      settle: async (used) => {
        const then = atEnd();
        const charges = chargesOf(used, budgetsOfTurn(then, args), (provider) =>
          budgetsOfProvider(then, provider),
        );
        const cost = { lease, at, charges, kept: then.ledger.enabled };
        for (const warning of await state.call(settle, cost)) logWarning(log, warning);
      },
    };
  }
};

/** What a turn has used, for each budget that applies: those of a provider are charged with what that provider did, failed calls included. */
export const chargesOf = (
  used: Used | undefined,
  ofTurn: readonly TurnBudget[],
  ofProvider: (provider: string) => readonly TurnBudget[],
): Charge[] => {
  if (used === undefined) return [];
  const parts: { readonly target: string; readonly cost: number | null }[] = [...spentOf(used.record)];
  if (used.unknown === true) parts.push({ target: used.record.target, cost: null });
  // Who reported nothing and showed nothing has answered nothing.
  if (parts.length === 0) return [];
  const charge =
    (costs: readonly (number | null)[]) =>
    ({ terms }: TurnBudget): Charge => ({
      terms,
      cost: costs.reduce<number>((sum, cost) => sum + (cost ?? 0), 0),
      unpriced: costs.includes(null),
    });
  const byProvider = Map.groupBy(parts, ({ target }) => target.slice(0, target.indexOf(",")));
  return [
    ...ofTurn.map(charge(parts.map(({ cost }) => cost))),
    ...[...byProvider].flatMap(([provider, of]) =>
      ofProvider(provider).map(charge(of.map(({ cost }) => cost))),
    ),
  ];
};

/**
 * The targets that are left, given the budgets that have no room: another route of theirs, or the others of the list.
 * @throws SwitchyardError budget.exceeded, budget.held
 */
const withRoom = (
  { config, client, request }: AdmitArgs,
  ofTurn: readonly TurnBudget[],
  permitted: readonly Target[],
  full: ReadonlyMap<string, Full>,
  now: number,
): { targets: readonly Target[]; spared: string | undefined } => {
  const fullOne = (budgets: readonly TurnBudget[]): { budget: TurnBudget; full: Full } | undefined => {
    for (const budget of budgets) {
      const found = full.get(nameOfFull({ budget: budget.terms.name, of: budget.terms.of }));
      if (found !== undefined) return { budget, full: found };
    }
    return undefined;
  };
  const usable = (targets: readonly Target[]): readonly Target[] =>
    targets.filter(
      (target) =>
        mayUse(client, target, config, request.model) &&
        config.providers.get(target.provider)?.disabled === undefined,
    );
  let targets = permitted;
  /** By whose wish targets were left out, in that order. */
  const reasons = new Set<Full>();
  // Of several the strictest counts: one that refuses goes before one that has another route.
  const blocked = ofTurn.filter((each) => fullOne([each]) !== undefined);
  const strict = blocked.find(({ use }) => use.length === 0);
  const over = fullOne(strict === undefined ? blocked : [strict]);
  if (over !== undefined) {
    reasons.add(over.full);
    targets = usable(over.budget.use);
  }
  const seen = new Set<string>();
  const left: Target[] = [];
  const add = (target: Target, mayReplace: boolean): void => {
    const stopped = fullOne(budgetsOfProvider(config, target.provider));
    if (stopped === undefined) {
      if (!seen.has(targetName(target))) left.push(target);
      seen.add(targetName(target));
      return;
    }
    reasons.add(stopped.full);
    if (mayReplace) for (const other of usable(stopped.budget.use)) add(other, false);
  };
  for (const target of targets) add(target, true);
  const [first] = reasons;
  if (left.length === 0) throw noRoomError([...reasons], now);
  return { targets: left, spared: first?.budget };
};
