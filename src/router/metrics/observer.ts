/** Where ended turns are told: once each, after the ledger has them. */
import type { RouterContext } from "../endpoints/context.ts";
import type { TurnRecord } from "../ledger/record.ts";

/**
 * Counts a turn for `/metrics`, and hands it to telemetry. Never throws: no turn fails because it could not be counted.
 * @example observeTurn(context, record) // beside ledger.append(record)
 */
export const observeTurn = (
  { metrics, telemetry, config, log }: Pick<RouterContext, "metrics" | "telemetry" | "config" | "log">,
  turn: TurnRecord,
): void => {
  try {
    metrics.observe(turn, config);
    telemetry.observe(turn, config);
  } catch (error) {
    log.error({ err: error }, "a turn could not be counted");
  }
};
