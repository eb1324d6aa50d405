/** For the attempts of a turn: targets without those whose provider is switched off. */
import type { Target } from "../../config/types.ts";
import type { RouterState } from "../state/state.ts";
import { listSwitchedOff } from "./commands.ts";

export interface SwitchedTargets {
  /** In the order in which they were given; may be empty. */
  readonly targets: readonly Target[];
  /** Those that are left out, with the reason. */
  readonly skipped: readonly { readonly target: Target; readonly reason: string }[];
}

/** Why a target is left out. */
export const switchedOffReason = "its provider is switched off on the dashboard";

export const withoutSwitchedOff = async (
  state: RouterState,
  targets: readonly Target[],
): Promise<SwitchedTargets> => {
  const off = new Set((await state.call(listSwitchedOff, {})).map(([name]) => name));
  if (off.size === 0) return { targets, skipped: [] };
  return {
    targets: targets.filter(({ provider }) => !off.has(provider)),
    skipped: targets
      .filter(({ provider }) => off.has(provider))
      .map((target) => ({ target, reason: switchedOffReason })),
  };
};
