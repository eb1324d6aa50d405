/** A small file that others change: a look at its time each second finds that anywhere, mounts of containers included. */
import { statSync } from "node:fs";
import { readAccessFile } from "../../shared/access-files.ts";
import { SwitchyardError } from "../../shared/errors.ts";

/** Between two looks, in milliseconds: so long a key that was revoked may still be taken. */
const lookEvery = 1_000;

export class WatchedFile<Value> {
  readonly file: string;
  readonly #parse: (text: string | undefined, file: string) => Value;
  readonly #onProblem: (problem: SwitchyardError) => void;
  readonly #now: () => number;
  #looked = -Infinity;
  #version: string | undefined;
  #value: Value;
  /** Why the file is not understood; what was read before it stays. */
  problem: SwitchyardError | undefined;

  /**
   * @param options.parse of undefined where there is no file @param options.now milliseconds since the epoch
   * @param options.onProblem told once of each version of the file that is not understood
   */
  constructor(options: {
    readonly file: string;
    readonly parse: (text: string | undefined, file: string) => Value;
    readonly onProblem: (problem: SwitchyardError) => void;
    readonly now: () => number;
  }) {
    this.file = options.file;
    this.#parse = options.parse;
    this.#onProblem = options.onProblem;
    this.#now = options.now;
    this.#value = options.parse(undefined, options.file);
  }

  /** @param atOnce looks at the file now, whenever that was done last */
  read(atOnce = false): Value {
    const now = this.#now();
    if (!atOnce && Math.abs(now - this.#looked) < lookEvery) return this.#value;
    this.#looked = now;
    const stat = statSync(this.file, { throwIfNoEntry: false, bigint: true });
    const version = stat === undefined ? "none" : `${stat.ino} ${stat.mtimeNs} ${stat.size}`;
    if (version === this.#version) return this.#value;
    this.#version = version;
    try {
      this.#value = this.#parse(readAccessFile(this.file), this.file);
      this.problem = undefined;
    } catch (error) {
      if (!(error instanceof SwitchyardError)) throw error;
      this.problem = error;
      this.#onProblem(error);
    }
    return this.#value;
  }
}
