/**
 * Durable commands of a router that counts by itself, a line of JSON each, in a file of its own beside the tables': where it ends before it could hand them in,
 * the next router that meets the tables does. Each has an id, by which it is done once.
 */
import { appendFileSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { messageOf } from "../../shared/errors.ts";
import { parseJsonObject } from "../../shared/json.ts";
import { isAlive } from "../../shared/lock.ts";
import type { Logger } from "../../shared/log.ts";

export interface OwedCommand {
  readonly id: string;
  readonly name: string;
  readonly args: unknown;
}

const owedOf = (line: string): OwedCommand | undefined => {
  const { id, name, args } = parseJsonObject(line) ?? {};
  return typeof id === "string" && typeof name === "string" ? { id, name, args } : undefined;
};

const prefixOf = (file: string): string => `${basename(file)}.owed-`;

export class OwedJournal {
  readonly #file: string;
  readonly #log: Pick<Logger, "warn">;
  #complained = false;
  #written = false;

  /** @param file of the tables @param id of this router */
  constructor(file: string, id: string, log: Pick<Logger, "warn">) {
    this.#file = join(dirname(file), `${prefixOf(file)}${process.pid}-${id}`);
    this.#log = log;
  }

  /** Synchronous. Never throws: on a full disk turns go on. */
  append(command: OwedCommand): void {
    try {
      appendFileSync(this.#file, `${JSON.stringify(command)}\n`, { mode: 0o600 });
      this.#written = true;
    } catch (error) {
      if (!this.#complained)
        this.#log.warn(
          { file: this.#file, reason: messageOf(error) },
          "what is spent while this router counts by itself cannot be written down: where it ends before the others answer, they never know",
        );
      this.#complained = true;
    }
  }

  /** All of it is done. */
  clear(): void {
    if (this.#written) rmSync(this.#file, { force: true });
    this.#written = false;
  }
}

/** What a router left that has ended. */
export interface Left {
  readonly commands: readonly OwedCommand[];
  /** To be called when all of it is done. */
  readonly remove: () => void;
}

/**
 * What routers left that have ended. Never throws: what cannot be read is looked for again the next time.
 * @param own id of the router that asks: in another container its process's number may have been another router's
 */
export const leftOwing = (file: string, own: string): readonly Left[] => {
  const prefix = prefixOf(file);
  return namesBeside(file).flatMap((name): Left[] => {
    const [number = "", id] = name.startsWith(prefix) ? name.slice(prefix.length).split("-") : [];
    const pid = Number.parseInt(number, 10);
    if (id === undefined || id === own || (pid !== process.pid && isAlive(pid))) return [];
    const path = join(dirname(file), name);
    try {
      const lines = readFileSync(path, "utf8").split("\n");
      return [
        {
          commands: lines.flatMap((line) => owedOf(line) ?? []),
          remove: () => rmSync(path, { force: true }),
        },
      ];
    } catch {
      // Another user's, or gone: the others are read all the same.
      return [];
    }
  });
};

const namesBeside = (file: string): readonly string[] => {
  try {
    return readdirSync(dirname(file));
  } catch {
    return [];
  }
};
