/** The command that ends rests before their time. */
import type { StateCommand } from "../state/state.ts";
import { rests } from "./tables.ts";

export interface ClearArgs {
  /** Undefined: of all. */
  readonly provider: string | undefined;
  /** The provider's id of the model; undefined: all of them. */
  readonly model: string | undefined;
}

/**
 * Forgets failures and rests; with a model, all that keeps this target back: also what holds for each model of its keys.
 * @returns how many rests, probes and counts of failures were forgotten
 */
export const clearCooldowns: StateCommand<ClearArgs, { readonly cleared: number }> = {
  name: "clearCooldowns",
  lasting: true,
  run(tables, { provider, model }) {
    const table = tables.of(rests);
    const names = [...table.entries()]
      .filter(([, rest]) => provider === undefined || rest.provider === provider)
      .filter(([, rest]) => model === undefined || rest.model === null || rest.model === model)
      .map(([name]) => name);
    for (const name of names) table.delete(name);
    return { cleared: names.length };
  },
};
