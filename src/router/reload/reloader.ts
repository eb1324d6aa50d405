/**
 * The configuration in force, replaced while the router runs: read and validated whole somewhere else, then swapped at once. Requests under way
 * keep theirs; a configuration with an error changes nothing and is told.
 */
import { isDeepStrictEqual } from "node:util";
import type { Config } from "../../config/types.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import { toldOf } from "../../shared/told.ts";

/** What `GET /api/state` says of the configuration. */
export interface ConfigurationState {
  /** When the one in force was read, as 2026-11-21T10:00:00.000Z. */
  readonly loadedAt: string;
  /** Which one it is of those that have come into force since the router started, from 1. */
  readonly revision: number;
  readonly files: readonly string[];
  /** Settings that were changed and count from the next start: `server.port`. Left out where there are none. */
  readonly needsRestart?: readonly string[];
  /** Why the last reload was refused, or left out. The one in force is older than the files then. */
  readonly problem?: Problem;
}

export interface Problem {
  readonly code: string;
  /** What, where and what to do; may have more than one line. No key is in it. */
  readonly message: string;
  /** When it was found. */
  readonly since: string;
}

export type Reloaded =
  | {
      /** `unchanged`: what was read is what is in force already. */
      readonly outcome: "reloaded" | "unchanged";
      readonly needsRestart: readonly string[];
    }
  | { readonly outcome: "refused"; readonly error: SwitchyardError };

export interface ReloaderOptions {
  readonly config: Config;
  /** Reads and validates the configuration anew; undefined: it stays as it is. @throws SwitchyardError */
  readonly load: (() => Promise<Config>) | undefined;
  /** Puts it in force. @throws SwitchyardError where it cannot be, and then changes nothing */
  readonly swap: (config: Config) => void;
  /** Told of each reload that did something, or was refused. */
  readonly report: (reloaded: Reloaded) => void;
  readonly redact: (text: string) => string;
}

/** What is fixed when the router starts. */
const fixed: Readonly<Record<string, (config: Config) => unknown>> = {
  "server.host": ({ server }) => server.host,
  "server.port": ({ server }) => server.port,
  "server.bodyLimit": ({ server }) => server.bodyLimit,
  "server.workers": ({ server }) => server.workers,
  "ledger.enabled": ({ ledger }) => ledger.enabled,
};

export class Reloader {
  readonly #options: ReloaderOptions;
  readonly #started: Config;
  #config: Config;
  #loadedAt = new Date();
  #revision = 1;
  #problem: Problem | undefined;
  #running: Promise<Reloaded> | undefined;
  #next: Promise<Reloaded> | undefined;

  constructor(options: ReloaderOptions) {
    this.#options = options;
    this.#started = options.config;
    this.#config = options.config;
  }

  /** Whether it can be reloaded at all. */
  get able(): boolean {
    return this.#options.load !== undefined;
  }

  get stale(): boolean {
    return this.#problem !== undefined;
  }

  state(): ConfigurationState {
    const needsRestart = this.#needsRestart();
    return {
      loadedAt: this.#loadedAt.toISOString(),
      revision: this.#revision,
      files: this.#config.files,
      ...(needsRestart.length > 0 && { needsRestart }),
      ...(this.#problem !== undefined && { problem: this.#problem }),
    };
  }

  /**
   * Reads the configuration anew. Never rejects. Whoever asks while one is read gets the next, which sees what was changed meanwhile; however many ask, one
   * is read at a time and one waits.
   */
  reload(): Promise<Reloaded> {
    if (this.#running === undefined) return this.#start();
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      return this.#start();
    });
    return this.#next;
  }

  #start(): Promise<Reloaded> {
    const running = this.#once().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }

  async #once(): Promise<Reloaded> {
    let reloaded: Reloaded;
    try {
      const config = (await this.#options.load?.()) ?? this.#config;
      const same = isDeepStrictEqual(config, this.#config);
      if (!same) {
        this.#options.swap(config);
        this.#revision++;
      }
      const recovered = this.#problem !== undefined;
      this.#config = config;
      this.#loadedAt = new Date();
      this.#problem = undefined;
      reloaded = { outcome: same ? "unchanged" : "reloaded", needsRestart: this.#needsRestart() };
      if (!same || recovered) this.#options.report(reloaded);
    } catch (thrown) {
      const error =
        thrown instanceof SwitchyardError ? thrown : new SwitchyardError("internal", { cause: thrown });
      const message = this.#options.redact(toldOf(error));
      const known = this.#problem?.message === message;
      this.#problem = { code: error.code, message, since: new Date().toISOString() };
      reloaded = { outcome: "refused", error };
      if (!known) this.#options.report(reloaded);
    }
    return reloaded;
  }

  #needsRestart(): string[] {
    return Object.entries(fixed).flatMap(([name, of]) =>
      of(this.#config) === of(this.#started) ? [] : [name],
    );
  }
}
