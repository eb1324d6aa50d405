/** What containers print: their logs as whole lines with times, from the past and as they come. */
import { Buffer } from "node:buffer";
import { messageOf, SwitchyardError, systemCodeOf } from "../shared/errors.ts";
import type { Engine } from "./connect.ts";
import { engineStatusOf, isGone } from "./engine-status.ts";
import { createLogReader, type LogLine, logTime } from "./log-reader.ts";

export type { LogLine } from "./log-reader.ts";

/** The whole second at or before a time: what an engine's `since` takes; the rest is left out by who reads. */
const wholeSecond = (time: string): number => Math.floor(Date.parse(time) / 1000);

interface Kind {
  readonly tty: boolean;
  readonly driver: string;
}

const kindOf = async (engine: Engine, id: string): Promise<Kind> => {
  const { Config, HostConfig } = await engine.docker.getContainer(id).inspect();
  return { tty: Config.Tty, driver: HostConfig.LogConfig?.Type ?? "" };
};

/** What the engine's refusal to read a log means. */
const refusal = (error: unknown, driver: string): unknown =>
  // Docker 20.10 answers 501 with these words where the driver only sends logs away, as do `none` and a cache that is off.
  engineStatusOf(error) === 501 || /does not support reading/i.test(messageOf(error))
    ? new SwitchyardError("engine.failed", {
        detail: `the log cannot be read, for the container's logging driver is '${driver}'`,
        hint: "Give it the driver json-file or local (`logging:` of the service in compose/override.yaml of the state folder).",
        cause: error,
      })
    : error;

export interface ReadOptions {
  /** How many of the last lines; all where it is left out. */
  readonly lines?: number;
  /** From which time on, RFC 3339 in UTC. */
  readonly since?: string;
  /** The last line, where it has no end yet, is left to `followLog`. */
  readonly open?: boolean;
}

/** Asked for beyond the lines that are wanted: a line of `longestLine` bytes has that many messages. */
const spareMessages = 64;

const read = async (
  engine: Engine,
  id: string,
  kind: Kind,
  options: ReadOptions,
): Promise<{ found: LogLine[]; messages: number }> => {
  const raw: Buffer = await engine.docker.getContainer(id).logs({
    stdout: true,
    stderr: true,
    timestamps: true,
    follow: false,
    ...(options.lines !== undefined && { tail: options.lines + spareMessages }),
    ...(options.since !== undefined && { since: wholeSecond(options.since) }),
  });
  const found: LogLine[] = [];
  const reader = createLogReader(kind.tty, (line) => found.push(line));
  // An engine with nothing to say may answer with an empty string.
  reader.push(Buffer.from(raw));
  if (options.open !== true) reader.end();
  return { found, messages: reader.messages };
};

/**
 * The last lines of a container, oldest first.
 * @returns nothing for a container that is gone
 * @throws SwitchyardError engine.failed where its logging driver keeps nothing that can be read
 */
export const readLog = async (engine: Engine, id: string, options: ReadOptions = {}): Promise<LogLine[]> => {
  const { lines, since, ...rest } = options;
  let kind: Kind | undefined;
  try {
    kind = await kindOf(engine, id);
    let { found, messages } = await read(engine, id, kind, options);
    // The engine counts messages: its first one may be the end of a line that was begun before. A secret cut there would not
    // be known, so that line is only used where all of it was asked for.
    if (lines !== undefined && found.length <= lines && messages >= lines + spareMessages)
      ({ found } = await read(engine, id, kind, { ...rest, ...(since !== undefined && { since }) }));
    const last = lines === undefined ? found : found.slice(Math.max(0, found.length - lines));
    return since === undefined ? last : last.filter(({ time }) => time >= since);
  } catch (error) {
    if (isGone(error)) return [];
    throw refusal(error, kind?.driver ?? "");
  }
};

/** What a container printed, the last `lines` lines as one text; `since` in seconds of the epoch. */
export const containerLog = async (engine: Engine, id: string, lines: number, since = 0): Promise<string> => {
  const found = await readLog(engine, id, {
    lines,
    since: logTime(new Date(since * 1000).toISOString()) ?? "",
  });
  return found.map(({ text }) => `${text}\n`).join("");
};

/** The promise of a stream's end, however it ends; an abort ends it too. */
const endOf = (stream: NodeJS.ReadableStream, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const stop = (): void => {
      (stream as unknown as { destroy(): void }).destroy();
      resolve();
    };
    for (const name of ["end", "close", "error"]) stream.once(name, () => resolve());
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });

/**
 * Hands over each line that a container prints after the time `after`, until it ends, the engine goes away or `signal` aborts.
 * @throws SwitchyardError engine.failed
 */
export const followLog = async (
  engine: Engine,
  id: string,
  after: string | undefined,
  onLine: (line: LogLine) => void,
  signal: AbortSignal,
): Promise<void> => {
  let kind: Kind = { tty: false, driver: "" };
  let stream: NodeJS.ReadableStream;
  try {
    kind = await kindOf(engine, id);
    stream = await engine.docker.getContainer(id).logs({
      stdout: true,
      stderr: true,
      timestamps: true,
      follow: true,
      ...(after !== undefined && { since: wholeSecond(after) }),
    });
  } catch (error) {
    if (isGone(error) || systemCodeOf(error) !== undefined) return;
    throw refusal(error, kind.driver);
  }
  const reader = createLogReader(kind.tty, (line) => {
    if (after === undefined || line.time > after) onLine(line);
  });
  stream.on("data", (chunk: Buffer) => reader.push(chunk));
  await endOf(stream, signal);
  reader.end();
};

/**
 * Calls `onStart` with the id of each container with the label that starts.
 * @returns at once, when the engine listens, with a promise of the end: the engine went away, or `signal` aborted
 * @throws where the engine does not answer
 */
export const watchStarts = async (
  engine: Engine,
  label: string,
  onStart: (id: string) => void,
  signal: AbortSignal,
): Promise<{ ended: Promise<void> }> => {
  const stream = await engine.docker.getEvents({
    filters: { type: ["container"], event: ["start"], label: [label] },
  });
  let rest = "";
  stream.on("data", (chunk: Buffer) => {
    const lines = (rest + chunk.toString("utf8")).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      // Docker's documentation promises `Actor.ID`; `id` is the older form of the same.
      const event = line.trim() === "" ? {} : (JSON.parse(line) as { id?: string; Actor?: { ID?: string } });
      const id = event.Actor?.ID ?? event.id;
      if (id !== undefined) onStart(id);
    }
  });
  return { ended: endOf(stream, signal) };
};
