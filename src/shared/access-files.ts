/**
 * The files by which access to a router is decided: client keys (hashed), the hash of the administrator's token, and this machine's own secret. They lie
 * in one folder, for their owner alone; the CLI and every router of the project read the same ones.
 */
import { randomBytes } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { messageOf, SwitchyardError, systemCodeOf } from "./errors.ts";
import { withLock } from "./lock.ts";

/** Below the state folder: where the stack's router keeps what it remembers, so that its container sees the same files. */
export const accessDir = (stateDir: string): string => join(stateDir, "router");

export const accessFiles = {
  clientKeys: "client-keys.json",
  admin: "admin.json",
  /** Of sessions that joined a router. */
  sessionKeys: "session-keys.json",
  /** Which profile is the default. */
  profile: "profile.json",
  /** Whoever can read it is the user of this machine, or root. */
  machineSecret: "machine-secret",
} as const;

/** The header in which an administrator's token or the machine's secret travels. No page of another origin can set it without being asked first. */
export const adminHeader = "x-switchyard-admin";

/** The text of a file; undefined where there is none. @throws SwitchyardError state.unusable */
export const readAccessFile = (file: string): string | undefined => {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return undefined;
    throw unusable(file, error);
  }
};

/** Replaces a file as a whole, mode 0600. @throws SwitchyardError state.unusable */
export const writeAccessFile = (file: string, text: string): void => {
  const beside = `${file}.${process.pid}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const handle = openSync(beside, "wx", 0o600);
    try {
      writeSync(handle, text);
      // A revoked key must not come back with a power cut.
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(beside, file);
  } catch (error) {
    rmSync(beside, { force: true });
    throw unusable(file, error);
  }
};

/** How long to wait for another that changes the same file, in milliseconds: it takes some. */
const patience = 30_000;

/**
 * Changes a file by what stands in it: nothing is lost where the CLI and several routers do so at once.
 * @param change given its text, undefined where there is none; what it returns is written
 * @throws SwitchyardError state.unusable, and what `change` throws
 */
export const changeAccessFile = <Result extends { readonly text: string }>(
  file: string,
  change: (text: string | undefined) => Result,
): Promise<Result> => {
  const lock = `${file}.lock`;
  return withLock(
    lock,
    patience,
    async () => {
      const changed = change(readAccessFile(file));
      writeAccessFile(file, changed.text);
      return changed;
    },
    (holder) =>
      new SwitchyardError("state.unusable", {
        detail: `process ${holder} has been changing ${file} for ${patience / 1_000} s`,
        hint: `If it does not, remove ${lock}.`,
      }),
  );
};

const unusable = (file: string, error: unknown): SwitchyardError =>
  new SwitchyardError("state.unusable", { detail: `${file}: ${messageOf(error)}`, cause: error });

/** The machine's secret of a folder; undefined where no router has made one. */
export const readMachineSecret = (folder: string): string | undefined => {
  const text = readAccessFile(join(folder, accessFiles.machineSecret))?.trim();
  return text === undefined || text === "" ? undefined : text;
};

/** The machine's secret, made where there is none. @throws SwitchyardError state.unusable */
export const provideMachineSecret = (folder: string): string => {
  const file = join(folder, accessFiles.machineSecret);
  for (;;) {
    const there = readMachineSecret(folder);
    if (there !== undefined) return there;
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      // Two that start at once: the second takes what the first has made.
      const handle = openSync(file, "wx", 0o600);
      try {
        writeSync(handle, `sm-${randomBytes(32).toString("base64url")}\n`);
      } finally {
        closeSync(handle);
      }
    } catch (error) {
      if (systemCodeOf(error) !== "EEXIST") throw unusable(file, error);
      // An empty one was left by a process that ended in between.
      if (readMachineSecret(folder) === undefined) rmSync(file, { force: true });
    }
  }
};
