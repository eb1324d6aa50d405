/** Where ended turns are told: once each, after the ledger has them. */
import type { RouterContext } from "../endpoints/context.ts";
import type { TurnRecord } from "../ledger/record.ts";

/**
 * Counts a turn for `/metrics`, and hands it to telemetry. Never throws: no turn fails because it could not be counted.
 * @param config the one that the turn was served by
 * @example observeTurn(context, record, turn.config) // beside ledger.append(record)
 */
export const observeTurn = (
  {
    metrics,
    telemetry,
    config: current,
    log,
  }: Pick<RouterContext, "metrics" | "telemetry" | "config" | "log">,
  turn: TurnRecord,
  config = current,
): void => {
  try {
    metrics.observe(turn, config);
    telemetry.observe(turn, config);
  } catch (error) {
    log.error({ err: error }, "a turn could not be counted");
  }
};
