/** What a worker tells of its turns and its log: counted and gathered for a moment, so that a turn costs no message of its own. */
import type { Config } from "../../config/types.ts";
import type { TurnRecord } from "../ledger/record.ts";
import { drainAll } from "../metrics/registry.ts";
import { TurnMetrics } from "../metrics/turn-metrics.ts";
import type { FromWorker } from "./messages.ts";

/** Milliseconds. Whoever asks for what was counted has it reported before. */
const gatherFor = 250;

export class Report {
  readonly #send: (message: FromWorker) => void;
  readonly #atOnce: boolean;
  readonly #counted = new TurnMetrics();
  #ended = 0;
  #turns: TurnRecord[] = [];
  #lines: string[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param atOnce turns are written down nowhere else, and a kill must not lose them */
  constructor(send: (message: FromWorker) => void, atOnce: boolean) {
    this.#send = send;
    this.#atOnce = atOnce;
  }

  /** A turn has ended. */
  turn(record: TurnRecord, config: Config): void {
    this.#counted.observe(record, config);
    this.#ended++;
    // A turn's record costs both sides as much as all that is counted of a quarter of a second.
    if (this.#atOnce || config.telemetry !== undefined) this.#turns.push(record);
    if (this.#atOnce) this.flush();
    else this.#later();
  }

  /** A turn was refused. @param code of the error table */
  refused(code: string): void {
    this.#counted.refused(code);
    this.#later();
  }

  /** A line of the log was written. */
  line(line: string): void {
    this.#lines.push(line);
    this.#later();
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const [ended, turns, lines] = [this.#ended, this.#turns, this.#lines];
    const counted = drainAll(this.#counted.metrics);
    if (counted.length === 0 && lines.length === 0) return;
    [this.#ended, this.#turns, this.#lines] = [0, [], []];
    this.#send({
      kind: "report",
      ended,
      counted: JSON.stringify(counted),
      ...(turns.length > 0 && { turns: JSON.stringify(turns) }),
      lines,
    });
  }

  #later(): void {
    this.#timer ??= setTimeout(() => this.flush(), gatherFor).unref();
  }
}
