/** One process at a time, by a file that holds the number of the process whose turn it is. */
import { existsSync, readlinkSync } from "node:fs";
import { link, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf, SwitchyardError, systemCodeOf } from "./errors.ts";

/** True where a process of this number is there, ours or another user's. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCodeOf(error) === "EPERM";
  }
};

const unusable = (file: string, error: unknown): SwitchyardError =>
  new SwitchyardError("state.unusable", { detail: `${file}: ${messageOf(error)}`, cause: error });

let namespace: string | undefined;

/** Where numbers of processes mean the same: a router in a container and the CLI beside it may share a folder. Empty where the system knows none. */
const ownNamespace = (): string => {
  if (namespace !== undefined) return namespace;
  try {
    namespace = readlinkSync("/proc/self/ns/pid");
  } catch {
    namespace = "";
  }
  return namespace;
};

/** @throws SwitchyardError state.unusable */
const take = async (file: string): Promise<boolean> => {
  let made = false;
  try {
    const handle = await open(file, "wx", 0o600);
    made = true;
    try {
      await handle.write(`${process.pid} ${ownNamespace()}`.trim());
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (systemCodeOf(error) === "EEXIST" && !made) return false;
    // On a full disk the file is there and empty: it would hold everybody off.
    if (made) await rm(file, { force: true });
    throw unusable(file, error);
  }
};

/** How long a file without a number may be one that is being written, in milliseconds. */
const writing = 2_000;

/** What is in a lock's file, and which file it is: another may lie there a moment later. */
interface Seen {
  /** Of the process that holds it; NaN: nobody has written who it was. */
  readonly holder: number;
  readonly namespace: string | undefined;
  /** Milliseconds. */
  readonly age: number;
  readonly identity: string;
}

const look = async (file: string): Promise<Seen | undefined> => {
  const seen = await Promise.all([readFile(file, "utf8"), stat(file, { bigint: true })]).catch(
    () => undefined,
  );
  if (seen === undefined) return undefined;
  const [text, { ino, mtimeNs, mtimeMs }] = seen;
  const [holder = "", foreign] = text.trim().split(" ");
  return {
    holder: /^[1-9]\d*$/.test(holder) ? Number(holder) : Number.NaN,
    namespace: foreign,
    age: Date.now() - Number(mtimeMs),
    identity: `${ino} ${mtimeNs}`,
  };
};

/**
 * A lock whose holder is gone is no lock; nor is a file in which nobody has written who it was. Whether a process of another container runs
 * cannot be seen: its lock lasts for twice the time that one waits at the most.
 */
const isStale = ({ holder, namespace: foreign, age }: Seen, patience: number): boolean => {
  if (Number.isNaN(holder)) return age > writing;
  if (foreign !== undefined && foreign !== ownNamespace()) return age > 2 * patience;
  return !isAlive(holder);
};

const dropIfStale = async (file: string, patience: number): Promise<void> => {
  const seen = await look(file);
  if (seen === undefined || !isStale(seen, patience)) return;
  // Somebody else may have found the same, dropped it and taken the lock since: theirs is put back.
  const aside = `${file}.${process.pid}.stale`;
  try {
    await rename(file, aside);
    if ((await look(aside))?.identity !== seen.identity) await link(aside, file);
  } catch {
    // It is gone already, or another's by now.
  }
  await rm(aside, { force: true });
};

/**
 * Runs `work` while `file` is ours.
 * @param patience how long to wait for another, in milliseconds
 * @param refusal what is thrown where another holds it for longer, given that one's process id
 * @throws SwitchyardError `refusal`; state.unusable
 */
export const withLock = async <T>(
  file: string,
  patience: number,
  work: () => Promise<T>,
  refusal: (holder: string) => SwitchyardError,
): Promise<T> => {
  const folder = dirname(file);
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw unusable(folder, error);
  });
  const deadline = Date.now() + patience;
  while (!(await take(file))) {
    await dropIfStale(file, patience);
    if (Date.now() > deadline && existsSync(file)) {
      const { holder } = (await look(file)) ?? {};
      throw refusal(holder === undefined || Number.isNaN(holder) ? "" : String(holder));
    }
    // Not all at the same time: many that wait would meet again and again.
    await sleep(10 + Math.random() * 40);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
};
