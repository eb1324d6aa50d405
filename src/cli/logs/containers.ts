/** The logs of a project's containers, from the past and as they come: of those too that start later. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "../../engine/connect.ts";
import { followLog, readLog, watchStarts } from "../../engine/logs.ts";
import { labels } from "../../shared/container-layout.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import { containersOf, type RunningContainer } from "../running.ts";
import type { Entry, Source } from "./entry.ts";

export interface ContainerLogOptions {
  readonly engine: Engine;
  readonly project: string;
  readonly chosen: (service: string) => boolean;
  /** RFC 3339, UTC. */
  readonly since?: string;
  /** One line for the user. */
  readonly say: (line: string) => void;
}

interface Known {
  readonly source: Source;
  readonly name: string;
  /** Time of the last line that was handed over. */
  last: string | undefined;
  following: boolean;
  /** It started while its log was still followed from its last life. */
  again: boolean;
}

/** Between two attempts at an engine that went away, in milliseconds. */
const retry = 1000;

export class ContainerLogs {
  readonly #options: ContainerLogOptions;
  readonly #known = new Map<string, Known>();

  constructor(options: ContainerLogOptions) {
    this.#options = options;
  }

  /**
   * The last lines of the given containers, a list for each.
   * @param lines how many of each, at most; all where it is left out
   * @param follow an unfinished line is left to `follow`
   * @throws SwitchyardError engine.failed where no log of them can be read; where others can be, it is said and they are shown
   */
  async past(
    containers: readonly RunningContainer[],
    lines: number | undefined,
    follow: boolean,
  ): Promise<Entry[][]> {
    const { engine, since, say } = this.#options;
    const refused: { name: string; error: SwitchyardError }[] = [];
    const logs = await Promise.all(
      containers.map(async (container) => {
        const known = this.#add(container);
        try {
          const found = await readLog(engine, container.id, {
            // One at least: the last line's time tells where to go on.
            ...(lines !== undefined && { lines: Math.max(1, lines) }),
            ...(since !== undefined && { since }),
            open: follow,
          });
          known.last = found.at(-1)?.time ?? since;
          return found.map((line): Entry => ({ ...line, source: known.source }));
        } catch (error) {
          if (!(error instanceof SwitchyardError)) throw error;
          // Not asked again for.
          known.following = true;
          refused.push({ name: container.name, error });
          return [];
        }
      }),
    );
    const [first] = refused;
    if (first !== undefined && refused.length === containers.length)
      throw new SwitchyardError("engine.failed", {
        detail: `${first.name}: ${first.error.detail ?? ""}`,
        hint: first.error.hint,
        cause: first.error,
      });
    for (const { name, error } of refused) say(`${name}: ${error.detail ?? error.message}`);
    return logs;
  }

  /** Hands over what comes, until `signal` aborts. An engine that goes away is waited for. */
  async follow(onEntry: (entry: Entry) => void, signal: AbortSignal): Promise<void> {
    const { engine, project, say } = this.#options;
    const all = new Set<Promise<void>>();
    const start = (container: RunningContainer): void => {
      const known = this.#add(container);
      if (known.following) {
        known.again = true;
        return;
      }
      const work = this.#follow(container.id, known, onEntry, signal).finally(() => all.delete(work));
      all.add(work);
    };
    const startById = async (id: string): Promise<void> => {
      const containers = await containersOf(engine, project).catch(() => []);
      const found = containers.find((each) => each.id === id);
      if (found !== undefined && this.#options.chosen(found.service)) start(found);
    };
    for (let gone = false; !signal.aborted;) {
      try {
        const label = `${labels.project}=${project}`;
        const watch = await watchStarts(engine, label, (id) => void startById(id), signal);
        if (gone) say("the engine is back");
        gone = false;
        // Listening first: none can start between the list and the watch. One that has ended meanwhile has last words.
        for (const each of await containersOf(engine, project))
          if (this.#options.chosen(each.service)) start(each);
        await watch.ended;
      } catch {
        // Said below, once.
      }
      if (signal.aborted) break;
      if (!gone) say("the Docker Engine went away: waiting for it");
      gone = true;
      await sleep(retry, undefined, { signal }).catch(() => undefined);
    }
    await Promise.all(all);
  }

  #add({ id, name, service, workspace }: RunningContainer): Known {
    const known = this.#known.get(id) ?? {
      source: { service, workspace },
      name,
      last: undefined,
      following: false,
      again: false,
    };
    this.#known.set(id, known);
    return known;
  }

  async #follow(
    id: string,
    known: Known,
    onEntry: (entry: Entry) => void,
    signal: AbortSignal,
  ): Promise<void> {
    known.following = true;
    const { engine, say } = this.#options;
    try {
      do {
        known.again = false;
        await followLog(
          engine,
          id,
          known.last,
          (line) => {
            known.last = line.time;
            onEntry({ ...line, source: known.source });
          },
          signal,
        );
      } while (known.again && !signal.aborted);
      known.following = false;
    } catch (error) {
      // It stays marked as followed: a log that cannot be read is said once.
      say(
        `${known.name}: ${error instanceof SwitchyardError ? (error.detail ?? error.message) : String(error)}`,
      );
    }
  }
}
