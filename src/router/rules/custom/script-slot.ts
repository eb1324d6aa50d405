/** The script of the configuration in force, and the one of a configuration that is about to be. */
import { isDeepStrictEqual } from "node:util";
import type { Config, RulesScript } from "../../../config/types.ts";
import type { Logger } from "../../../shared/log.ts";
import type { ScriptRunner } from "./script-runner.ts";

/** Requests that were decided meanwhile still ask the one before, for so many milliseconds. */
const grace = 1_000;

export class ScriptSlot {
  readonly #log: Logger;
  #current: ScriptRunner | undefined;
  #next: ScriptRunner | undefined;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** What requests ask; undefined where there is no script. */
  get current(): ScriptRunner | undefined {
    return this.#current;
  }

  /** Loads the script of a configuration that is to be put in force by `use`. @throws SwitchyardError config.invalid */
  async prepare({ custom }: Config): Promise<void> {
    const script = custom?.script;
    await this.#next?.close();
    this.#next = undefined;
    if (script === undefined || isSame(script, this.#current)) return;
    // Few have one.
    const { ScriptRunner: Runner } = await import("./script-runner.ts");
    const runner = new Runner({
      script,
      warn: (text) => this.#log.warn({ code: "rules.script" }, text),
      said: (text) => this.#log.info({ code: "rules.script.said" }, text),
    });
    await runner.start();
    this.#next = runner;
  }

  /** Puts in force what was prepared. */
  use({ custom }: Config): void {
    if (custom?.script !== undefined && isSame(custom.script, this.#current)) return;
    const before = this.#current;
    this.#current = this.#next;
    this.#next = undefined;
    if (before !== undefined) setTimeout(() => void before.close(), grace).unref();
  }

  async close(): Promise<void> {
    await Promise.all([this.#current?.close(), this.#next?.close()]);
  }
}

const isSame = (script: RulesScript, runner: ScriptRunner | undefined): boolean =>
  isDeepStrictEqual(script, runner?.script);
