/** One at a time: two shells that are opened at once must not both start the container. */
import { existsSync } from "node:fs";
import { mkdir, open, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SwitchyardError, systemCodeOf } from "../shared/errors.ts";

/** True where a process of this number is there, ours or another user's. */
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCodeOf(error) === "EPERM";
  }
};

const take = async (file: string): Promise<boolean> => {
  try {
    const handle = await open(file, "wx", 0o600);
    await handle.write(String(process.pid));
    await handle.close();
    return true;
  } catch (error) {
    if (systemCodeOf(error) === "EEXIST") return false;
    throw error;
  }
};

/** A lock whose holder is gone is no lock. A file without a number is being written at this moment. */
const dropIfStale = async (file: string): Promise<void> => {
  const holder = Number(await readFile(file, "utf8").catch(() => ""));
  if (Number.isInteger(holder) && holder > 0 && !isAlive(holder)) await rm(file, { force: true });
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
 * @throws SwitchyardError engine.failed, or `refusal`
 */
export const withLock = async <T>(
  file: string,
  patience: number,
  work: () => Promise<T>,
  refusal: (holder: string) => SwitchyardError = () => tooLong(file, patience),
): Promise<T> => {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const deadline = Date.now() + patience;
  while (!(await take(file))) {
    await dropIfStale(file);
    if (Date.now() > deadline && existsSync(file))
      throw refusal(await readFile(file, "utf8").catch(() => ""));
    await sleep(50);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
};
