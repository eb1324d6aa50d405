/** What runs, as files of the state folder: the compose document, and the secrets that it names. */
import { createHmac, randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { messageOf, SwitchyardError, systemCodeOf } from "../shared/errors.ts";
import { type Handover, handoverSecret } from "../shared/container-layout.ts";

/** Written beside and renamed, private from its first byte. */
const writePrivate = async (file: string, text: string): Promise<void> => {
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, text, { mode: 0o600 });
  await rename(temporary, file);
};

/** What a container of ours is configured with. */
export interface Secrets {
  /** File name of the configuration. */
  readonly configName: string;
  /** YAML of the backend's configuration. */
  readonly config: string;
  readonly handover: Handover;
}

/** Random bytes of this folder, so that a public hash of the keys cannot be tried against guesses. */
const saltOf = async (folder: string): Promise<string> => {
  const file = join(folder, "salt");
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (systemCodeOf(error) !== "ENOENT") throw error;
    const salt = randomBytes(32).toString("hex");
    await writePrivate(file, salt);
    return salt;
  }
};

/** Runs `work`, whose failure is that of the state folder. */
const inStateFolder = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw new SwitchyardError("engine.failed", {
      detail: `the state folder cannot be written: ${messageOf(error)}`,
      hint: "Name a folder that you can write: SWITCHYARD_STATE_DIR=…",
      cause: error,
    });
  }
};

/**
 * Writes the secrets (0600) into `folder` (0700).
 * @returns twelve hex digits that change with the configuration and the keys, and tell nothing of them
 * @throws SwitchyardError engine.failed where the folder cannot be written
 */
export const writeSecrets = (folder: string, secrets: Secrets): Promise<string> =>
  inStateFolder(async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
    const handover = JSON.stringify(secrets.handover);
    await writePrivate(join(folder, secrets.configName), secrets.config);
    await writePrivate(join(folder, handoverSecret), handover);
    const hash = createHmac("sha256", await saltOf(folder));
    return hash.update(secrets.config).update(handover).digest("hex").slice(0, 12);
  });

/** Writes a compose document. @throws SwitchyardError engine.failed where it cannot be written */
export const writeDocument = (file: string, text: string): Promise<void> =>
  inStateFolder(async () => {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writePrivate(file, text);
  });
