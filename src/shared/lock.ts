/** One process at a time, by a file that holds the number of the process whose turn it is. */
import { randomBytes } from "node:crypto";
import { existsSync, readlinkSync } from "node:fs";
import { link, mkdir, open, readFile, rm, writeFile } from "node:fs/promises";
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

/** A name beside a lock that nobody else uses. */
const besideOf = (file: string): string => `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;

/** What stands in a lock's file. */
export const lockText = (pid: number): string =>
  `${pid} ${ownNamespace() || "-"} ${randomBytes(8).toString("hex")}`;

const holderIn = (text: string): { holder: number; namespace: string | undefined } => {
  const [holder = "", foreign] = text.trim().split(" ");
  return {
    holder: /^[1-9]\d*$/.test(holder) ? Number(holder) : Number.NaN,
    namespace: foreign === "-" ? "" : foreign,
  };
};

/** The process that a lock's file names, where it is one of this place that has ended. */
export const goneHolder = (text: string): number | undefined => {
  const { holder, namespace: foreign } = holderIn(text);
  if (Number.isNaN(holder) || (foreign !== undefined && foreign !== ownNamespace())) return undefined;
  return isAlive(holder) ? undefined : holder;
};

const newFile = { flag: "wx", mode: 0o600 } as const;
const linkless = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);

/**
 * The file is there with all that it says, or not at all: one that was empty for a while would be taken for one of a full disk.
 * @returns what it says, which is like no other; undefined: another has it @throws SwitchyardError state.unusable
 */
const take = async (file: string): Promise<string | undefined> => {
  const beside = besideOf(file);
  const text = lockText(process.pid);
  try {
    await writeFile(beside, text, newFile);
    await link(beside, file).catch((error: unknown) => {
      // Some file systems that containers and machines share have no second names.
      if (!linkless.has(systemCodeOf(error) ?? "")) throw error;
      return writeFile(file, text, newFile);
    });
    return text;
  } catch (error) {
    if (systemCodeOf(error) === "EEXIST") return undefined;
    throw unusable(file, error);
  } finally {
    await rm(beside, { force: true });
  }
};

/** Gives back what is ours: somebody who found it stale may have it by now. */
const giveBack = async (file: string, text: string): Promise<void> => {
  if ((await readFile(file, "utf8").catch(() => undefined)) === text) await rm(file, { force: true });
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

/** Text and age of one and the same file: between two looks by its name another may have come. */
const look = async (file: string): Promise<Seen | undefined> => {
  const handle = await open(file, "r").catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    const [text, { ino, mtimeNs, mtimeMs }] = [
      await handle.readFile("utf8"),
      await handle.stat({ bigint: true }),
    ];
    return {
      ...holderIn(text),
      age: Date.now() - Number(mtimeMs),
      identity: `${ino} ${mtimeNs}`,
    };
  } finally {
    await handle.close();
  }
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

/** How long one may take to remove a lock of somebody who is gone, in milliseconds. */
const removing = 10_000;

/**
 * Removes a stale lock. One at a time does, and looks again once it is its turn: whoever was seen may have ended in good order meanwhile, and another's lock
 * may lie there. Nobody but the one whose turn it is removes a lock whose holder is gone, so that it is the same until it is removed.
 */
const dropIfStale = async (file: string, patience: number): Promise<void> => {
  const seen = await look(file);
  if (seen === undefined || !isStale(seen, patience)) return;
  const turn = `${file}.stale`;
  const ours = await take(turn);
  if (ours === undefined) {
    const other = await look(turn);
    if (other !== undefined && other.age > removing) await rm(turn, { force: true });
    return;
  }
  try {
    const still = await look(file);
    if (still?.identity === seen.identity && isStale(still, patience)) await rm(file, { force: true });
  } finally {
    await giveBack(turn, ours);
  }
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
  let ours = await take(file);
  while (ours === undefined) {
    await dropIfStale(file, patience);
    if (Date.now() > deadline && existsSync(file)) {
      const { holder } = (await look(file)) ?? {};
      throw refusal(holder === undefined || Number.isNaN(holder) ? "" : String(holder));
    }
    // Not all at the same time: many that wait would meet again and again.
    await sleep(10 + Math.random() * 40);
    ours = await take(file);
  }
  try {
    return await work();
  } finally {
    await giveBack(file, ours);
  }
};
