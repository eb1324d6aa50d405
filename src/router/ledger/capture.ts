/**
 * Prompts and answers in files of their own, where the configuration asks for it: `captures/2026-11-21/<request-id>.request` and `.answer`. Known
 * keys are taken out of the text first. Written after the turn: a router that is killed loses those of the turns under way.
 */
import { mkdir, readdir, rm, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CaptureConfig } from "../../config/types.ts";
import { messageOf } from "../../shared/errors.ts";
import type { Logger } from "../../shared/log.ts";
import { capturedFiles, capturedName } from "./captured.ts";

/** Most of one request or answer that is kept, in bytes. */
const mostOfOne = 16 * 1024 * 1024;
/** Between two looks for what is too old or too much, in milliseconds. */
const pruneEvery = 600_000;
/** The same where nothing is written. */
const lookEvery = 3_600_000;
/** After so many new bytes it is looked sooner. */
const pruneAfter = 32 * 1024 * 1024;

export interface CaptureOptions {
  /** The ledger's. */
  readonly folder: string;
  /** As it is in force. */
  readonly settings: () => CaptureConfig;
  /** Takes known secrets out of a text. */
  readonly redact: (text: string) => string;
  readonly log: Pick<Logger, "warn">;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** One turn's. */
export interface Capture {
  /** The body that the client sent. */
  request(body: Buffer): void;
  /** A piece of what it was answered. Kept as it is: not to be changed afterwards. */
  answer(chunk: Buffer): void;
  /** Writes what there is. Never rejects. */
  end(): Promise<void>;
}

export class CaptureStore {
  readonly #options: CaptureOptions;
  readonly #now: () => number;
  #prunedAt = -Infinity;
  #since = 0;
  #pruning: Promise<void> | undefined;
  #complained = false;

  constructor(options: CaptureOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  get folder(): string {
    return join(this.#options.folder, "captures");
  }

  /** @param id the turn's `request-id`. @returns undefined where nothing is to be kept */
  begin(id: string): Capture | undefined {
    const { requests, answers } = this.#options.settings();
    if (!requests && !answers) return undefined;
    const at = this.#now();
    const parts = { request: [] as Buffer[], answer: [] as Buffer[] };
    let room = mostOfOne;
    return {
      request: (body) => {
        if (requests) parts.request = [body.subarray(0, mostOfOne)];
      },
      answer: (chunk) => {
        if (!answers || room <= 0) return;
        parts.answer.push(chunk.subarray(0, room));
        room -= chunk.length;
      },
      end: async () => {
        for (const [kind, chunks] of Object.entries(parts)) {
          if (chunks.length > 0) await this.#write(id, kind, at, Buffer.concat(chunks));
        }
      },
    };
  }

  /** Looks now and then, also where nothing is written any more: what is too old must go after capturing was switched off, too. @returns ends it */
  watch(): () => void {
    void this.prune();
    const timer = setInterval(() => void this.prune(), lookEvery).unref();
    return () => clearInterval(timer);
  }

  /** Removes what is too old, then the oldest of what is too much. Never rejects. */
  prune(): Promise<void> {
    this.#prunedAt = this.#now();
    this.#since = 0;
    return (this.#pruning ??= this.#prune().finally(() => (this.#pruning = undefined)));
  }

  async #write(id: string, kind: string, at: number, bytes: Buffer): Promise<void> {
    const text = this.#options.redact(bytes.toString("utf8"));
    const folder = join(this.folder, new Date(at).toISOString().slice(0, 10));
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(join(folder, `${capturedName(id)}.${kind}`), text, {
        mode: 0o600,
      });
      this.#complained = false;
    } catch (error) {
      if (!this.#complained)
        this.#options.log.warn(
          { code: "capture.unwritable", folder: this.folder, reason: messageOf(error) },
          "prompts and answers cannot be written; turns go on",
        );
      this.#complained = true;
    }
    this.#since += bytes.length;
    const due = Math.abs(this.#now() - this.#prunedAt) >= pruneEvery || this.#since >= pruneAfter;
    if (due) await this.prune();
  }

  async #prune(): Promise<void> {
    const { maxAge, maxSize } = this.#options.settings();
    const oldest = this.#now() - maxAge;
    let left = 0;
    for (const { path, size, at } of await capturedFiles(this.folder)) {
      left += size;
      if (at < oldest || left > maxSize) await rm(path, { force: true }).catch(() => undefined);
    }
    // Those that are not empty stay.
    for (const day of await readdir(this.folder).catch(() => []))
      await rmdir(join(this.folder, day)).catch(() => undefined);
  }
}
