/**
 * Where turns tell what they do, and who watches hears it. With nobody watching, an event costs one comparison: whoever tells asks `watched` before it
 * makes one. Nothing is kept of what nobody heard.
 */
import type { LiveEvent, LiveMessage } from "./events.ts";

/** Between two reports of how far an answer is, in milliseconds: one timer for all turns, and only while somebody watches. */
const reportEvery = 500;
/** What a frame of Anthropic's stream (`content_block_delta`) weighs beside the text in it. */
const frameBytes = 115;
/** Of text, on an average. */
const bytesOfToken = 4;

/** What has gone out of a turn that somebody saw begin. */
interface Written {
  frames: number;
  bytes: number;
  /** Of the first part, in milliseconds by `performance.now()`; undefined: nothing has gone out. */
  since: number | undefined;
  last: number;
  changed: boolean;
}

export type Listener = (message: LiveMessage) => void;

export class LiveHub {
  readonly #listeners = new Set<Listener>();
  readonly #written = new Map<string, Written>();
  #timer: NodeJS.Timeout | undefined;
  /** Told when the first begins to watch, and when the last has left. */
  onWatched: ((watched: boolean) => void) | undefined;

  /** Whether anybody hears what is told. */
  get watched(): boolean {
    return this.#listeners.size > 0;
  }

  /** Tells all who watch. Never throws. */
  publish(event: LiveEvent): void {
    if (this.#listeners.size === 0) return;
    if (event.kind === "begun")
      this.#written.set(event.id, { frames: 0, bytes: 0, since: undefined, last: 0, changed: false });
    // Its last bytes may still go out: they count for nothing, and nothing is kept of it.
    else if (event.kind === "ended") this.#written.delete(event.id);
    this.#tell(event);
  }

  /** A part of a streamed answer goes out to the client: it counts towards the tokens per second. */
  wrote(id: string, part: string | Buffer): void {
    if (this.#listeners.size === 0) return;
    const written = this.#written.get(id);
    if (written === undefined) return;
    const now = performance.now();
    written.since ??= now;
    written.frames += framesIn(part);
    written.bytes += part.length;
    written.last = now;
    written.changed = true;
  }

  /** @returns ends it; may be called more than once */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.onWatched?.(true);
    this.#timer ??= setInterval(() => this.#report(), reportEvery).unref();
    return () => {
      if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return;
      this.onWatched?.(false);
      clearInterval(this.#timer);
      this.#timer = undefined;
      this.#written.clear();
    };
  }

  /** Tells what a hub of another process has told. */
  relay(message: LiveMessage): void {
    this.#tell(message);
  }

  #report(): void {
    for (const [id, written] of this.#written) {
      if (!written.changed) continue;
      written.changed = false;
      const text = Math.max(0, written.bytes - written.frames * frameBytes);
      this.#tell({
        kind: "progress",
        id,
        tokens: Math.round(text / bytesOfToken),
        for: Math.round(written.last - (written.since ?? written.last)),
      });
    }
  }

  #tell(message: LiveMessage): void {
    for (const listener of this.#listeners) {
      try {
        listener(message);
      } catch {
        // One that watches must not break a turn.
        this.#listeners.delete(listener);
      }
    }
  }
}

/** Blank lines, with which the frames of an event stream end. */
const framesIn = (part: string | Buffer): number => {
  let frames = 0;
  for (let at = part.indexOf("\n\n"); at !== -1; at = part.indexOf("\n\n", at + 2)) frames++;
  return frames;
};
