/** Lines of several logs, in one order. */
import type { LogLine } from "../../engine/log-reader.ts";

/** Where lines come from. */
export interface Source {
  readonly service: string;
  /** The workspace's folder on the machine; empty where there is none. */
  readonly workspace: string;
}

export interface Entry extends LogLine {
  readonly source: Source;
}

/**
 * Puts logs together by time. The lines of one source keep their order even where its clock went back.
 * @param logs one list for each source
 */
export const mergeByTime = (logs: readonly (readonly Entry[])[]): Entry[] => {
  const keyed = logs.flatMap((log) => {
    let latest = "";
    return log.map((entry) => {
      if (entry.time > latest) latest = entry.time;
      return { entry, at: latest };
    });
  });
  // The sort is stable: what has one time stays as it came.
  return keyed.toSorted((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at))).map(({ entry }) => entry);
};

export interface Collator {
  push(entry: Entry): void;
  /** Hands over what is held. */
  flush(): void;
}

/**
 * Holds lines for a moment, so that those of several logs come out by time though they come in as the streams bring them.
 * @param hold milliseconds
 */
export const createCollator = (emit: (entries: readonly Entry[]) => void, hold = 150): Collator => {
  let held = new Map<Source, Entry[]>();
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const batch = [...held.values()];
    held = new Map();
    if (batch.length > 0) emit(mergeByTime(batch));
  };
  return {
    push: (entry) => {
      const log = held.get(entry.source);
      if (log === undefined) held.set(entry.source, [entry]);
      else log.push(entry);
      timer ??= setTimeout(flush, hold);
    },
    flush,
  };
};
