/** What a worker tells of its turns and its log: gathered for a moment, so that a turn costs no message of its own. */
import type { TurnRecord } from "../ledger/record.ts";
import type { FromWorker } from "./messages.ts";

/** Milliseconds. Whoever asks for what was counted has it reported before. */
const gatherFor = 50;

export class Report {
  readonly #send: (message: FromWorker) => void;
  readonly #atOnce: boolean;
  #turns: TurnRecord[] = [];
  #refused: string[] = [];
  #lines: string[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param atOnce what is told is written down nowhere else, and a kill must not lose it */
  constructor(send: (message: FromWorker) => void, atOnce: boolean) {
    this.#send = send;
    this.#atOnce = atOnce;
  }

  /** A turn has ended. */
  turn(record: TurnRecord): void {
    this.#turns.push(record);
    if (this.#atOnce) this.flush();
    else this.#later();
  }

  /** A turn was refused. @param code of the error table */
  refused(code: string): void {
    this.#refused.push(code);
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
    const [turns, refused, lines] = [this.#turns, this.#refused, this.#lines];
    if (turns.length === 0 && refused.length === 0 && lines.length === 0) return;
    this.#send({ kind: "report", turns: JSON.stringify(turns), refused, lines });
    [this.#turns, this.#refused, this.#lines] = [[], [], []];
  }

  #later(): void {
    this.#timer ??= setTimeout(() => this.flush(), gatherFor).unref();
  }
}
