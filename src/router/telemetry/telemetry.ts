/** Telemetry while the router runs: what sends it is imported where a collector is configured, and changes with the configuration. */
import { isDeepStrictEqual } from "node:util";
import type { Config, TelemetryConfig } from "../../config/types.ts";
import { messageOf } from "../../shared/errors.ts";
import type { Logger } from "../../shared/log.ts";
import type { TurnRecord } from "../ledger/record.ts";
import { versionOfRouter } from "../version.ts";
import type { Exporter } from "./exporter.ts";

export class Telemetry {
  readonly #log: Pick<Logger, "warn" | "info" | "error">;
  #config: TelemetryConfig | undefined;
  #exporter: Promise<Exporter> | undefined;

  constructor(log: Pick<Logger, "warn" | "info" | "error">) {
    this.#log = log;
  }

  /** Goes by another configuration; what waits for the collector before is sent to it. */
  use({ telemetry }: Config): void {
    if (isDeepStrictEqual(telemetry, this.#config)) return;
    void this.close();
    this.#config = telemetry;
    if (telemetry === undefined || !(telemetry.traces || telemetry.metrics)) return;
    const exporter = import("./exporter.ts").then(
      (module) => new module.Exporter({ config: telemetry, version: versionOfRouter(), log: this.#log }),
    );
    // Told here, once; `observe` then has nobody to give to.
    exporter.catch((error: unknown) =>
      this.#log.error({ code: "telemetry.failed" }, `telemetry cannot be sent: ${messageOf(error)}`),
    );
    this.#exporter = exporter;
  }

  observe(turn: TurnRecord, config: Config): void {
    this.#exporter?.then(
      (exporter) => exporter.observe(turn, config),
      () => undefined,
    );
  }

  /** Sends what waits. */
  async close(): Promise<void> {
    const exporter = this.#exporter;
    this.#exporter = undefined;
    this.#config = undefined;
    try {
      await (await exporter)?.close();
    } catch {
      // It was never there.
    }
  }
}
