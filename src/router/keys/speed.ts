/** How fast targets are: the time to their first content, as it was measured in turns. */
import type { StateCommand, StateTables } from "../state/state.ts";
import { speeds } from "./tables.ts";

/** A new measurement's share of the average, once there are several. */
const newShare = 0.2;
/** A target that was slow gets another chance after so many milliseconds without a measurement. */
const lasts = 30 * 60_000;

/** @param milliseconds from the call to its first content */
export const noteSpeed = (
  tables: StateTables,
  provider: string,
  model: string,
  milliseconds: number,
  now: number,
): void => {
  const table = tables.of(speeds);
  const name = `${provider},${model}`;
  const { average, measured } = table.get(name) ?? { average: 0, measured: 0 };
  // The first ones count alike: an average that began with one odd figure would be wrong for long.
  const share = Math.max(newShare, 1 / (measured + 1));
  table.set(
    name,
    { average: average + (milliseconds - average) * share, measured: measured + 1 },
    now + lasts,
  );
};

/** The measured milliseconds of each target (named `provider,model`), in their order; null: not measured of late. */
export const measuredSpeed: StateCommand<{ readonly targets: readonly string[] }, (number | null)[]> = {
  name: "measuredSpeed",
  lasting: false,
  run: (tables, { targets }) => targets.map((target) => tables.of(speeds).get(target)?.average ?? null),
};
