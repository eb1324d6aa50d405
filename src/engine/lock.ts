/** One at a time: two shells that are opened at once must not both start the container. */
import { existsSync } from "node:fs";
import { mkdir, open, readFile, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf, SwitchyardError, systemCodeOf } from "../shared/errors.ts";

/** True where a process of this number is there, ours or another user's. */
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCodeOf(error) === "EPERM";
  }
};

const unusable = (file: string, error: unknown): SwitchyardError =>
  new SwitchyardError("state.unusable", { detail: `${file}: ${messageOf(error)}`, cause: error });

/** @throws SwitchyardError state.unusable */
const take = async (file: string): Promise<boolean> => {
  let made = false;
  try {
    const handle = await open(file, "wx", 0o600);
    made = true;
    try {
      await handle.write(String(process.pid));
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

/** A lock whose holder is gone is no lock; nor is a file in which nobody has written who it was. */
const dropIfStale = async (file: string): Promise<void> => {
  const seen = await Promise.all([readFile(file, "utf8"), stat(file)]).catch(() => undefined);
  if (seen === undefined) return;
  const [text, { mtimeMs }] = seen;
  const holder = Number(text);
  const isNumber = Number.isInteger(holder) && holder > 0;
  const isStale = isNumber ? !isAlive(holder) : Date.now() - mtimeMs > writing;
  if (isStale) await rm(file, { force: true });
};

/** Another shell holds the lock of a fused container for too long. */
const tooLong = (file: string, patience: number): SwitchyardError =>
  new SwitchyardError("engine.failed", {
    detail: `another shell has been starting this container for ${patience / 1000} s`,
    hint: `If there is none, remove ${file}.`,
  });

/**
 * Runs `work` while `file` is ours.
 * @param patience how long to wait for another, in milliseconds
 * @param refusal what is thrown where another holds it for longer, given that one's process id
 * @throws SwitchyardError engine.failed, or `refusal`; state.unusable
 */
export const withLock = async <T>(
  file: string,
  patience: number,
  work: () => Promise<T>,
  refusal: (holder: string) => SwitchyardError = () => tooLong(file, patience),
): Promise<T> => {
  const folder = dirname(file);
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw unusable(folder, error);
  });
  const deadline = Date.now() + patience;
  while (!(await take(file))) {
    await dropIfStale(file);
    if (Date.now() > deadline && existsSync(file))
      throw refusal((await readFile(file, "utf8").catch(() => "")).trim());
    await sleep(50);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
};
