/**
 * Takes over what the host handed in, and closes it for the client. A secret file keeps its owner on the host, so the client's
 * user may well own it: not the files but the folder they lie in is closed, and given to the backend's user, so that not even
 * a client with UID 0 (without capabilities) can open it again.
 */
import { chmod, chown, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  type Handover,
  handoverSecret,
  managedSettingsDir,
  backendDir,
  backendKeysFile,
  runDir,
  secretsDir,
  targetFileName,
} from "../shared/container-layout.ts";
import type { BackendName } from "../shared/backends.ts";
import { messageOf, SwitchyardError } from "../shared/errors.ts";
import type { Identity } from "./container-identity.ts";
import { statusLineName, statusLineScript } from "./status-line-copy.ts";

export interface TakenOver {
  readonly handover: Handover;
  /** The backend's own copy of the configuration. */
  readonly configFile: string;
  /** CA bundle that everyone in the container may read. */
  readonly caFile?: string;
}

const stringsOf = (value: unknown): Record<string, string> =>
  typeof value === "object" && value !== null
    ? Object.fromEntries(
        Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
      )
    : {};

const parseHandover = (text: string): Handover => {
  const value: unknown = JSON.parse(text);
  const fields = typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  return {
    keys: stringsOf(fields["keys"]),
    proxy: stringsOf(fields["proxy"]),
    passthrough: fields["passthrough"] === true,
    ...(typeof fields["clientKey"] === "string" && { clientKey: fields["clientKey"] }),
    ...(typeof fields["adminHash"] === "string" && { adminHash: fields["adminHash"] }),
    ...(Array.isArray(fields["models"]) && {
      models: fields["models"].filter((each) => typeof each === "string"),
    }),
    ...(typeof fields["ca"] === "string" && { ca: fields["ca"] }),
  };
};

/** Gives a folder and what is in it to `owner`; its mode is set first, while it is still ours. */
const close = async (folder: string, mode: number, owner: Identity): Promise<void> => {
  await chmod(folder, mode);
  await chown(folder, owner.uid, owner.gid);
};

/**
 * Gives the folders above the secrets away as well, once everything in them is made: who owns a folder may rename what is in
 * it, and a client with UID 0 would own these.
 */
export const closeRunFolders = async (backend: Identity): Promise<void> => {
  await close(runDir, 0o711, backend);
  await close(dirname(runDir), 0o755, backend);
};

/**
 * Reads the secrets and closes them. Nothing of the client may run before this has ended.
 * @param configSecret name of the secret that holds the backend's configuration
 * @param keysOf text of the file of keys that the backend wants, or undefined
 * @throws SwitchyardError fuse.failed
 */
export const takeOver = async (
  backend: Identity,
  configSecret: string,
  keysOf: (handover: Handover, configFile: string) => string | undefined,
): Promise<TakenOver> => {
  try {
    const handover = parseHandover(await readFile(join(secretsDir, handoverSecret), "utf8"));
    await mkdir(runDir, { mode: 0o711 });
    await mkdir(backendDir, { mode: 0o700 });
    const configFile = join(backendDir, configSecret);
    // Not copyFile: it is refused on a file of another owner, which we may only read.
    await writeFile(configFile, await readFile(join(secretsDir, configSecret)), { mode: 0o400 });
    await chown(configFile, backend.uid, backend.gid);
    const keys = keysOf(handover, configFile);
    if (keys !== undefined) {
      await writeFile(backendKeysFile, keys, { mode: 0o400 });
      await chown(backendKeysFile, backend.uid, backend.gid);
    }
    await close(backendDir, 0o700, backend);
    await close(secretsDir, 0o700, backend);
    if (handover.ca === undefined) return { handover, configFile };
    const caFile = join(runDir, "ca.pem");
    await writeFile(caFile, handover.ca, { mode: 0o444 });
    return { handover, configFile, caFile };
  } catch (error) {
    throw new SwitchyardError("fuse.failed", {
      detail: `the secrets cannot be taken over: ${messageOf(error)}`,
      cause: error,
    });
  }
};

/**
 * Writes the settings that stand above a repository's own, and the script of the status line: everyone may read them, and the client's user may not change
 * them.
 * @param backend its name, for the script
 */
export const writeManagedSettings = async (
  settings: unknown,
  backend: BackendName,
  owner: Identity,
): Promise<void> => {
  const files = {
    "managed-settings.json": `${JSON.stringify(settings, null, 2)}\n`,
    [statusLineName]: statusLineScript(),
    [targetFileName]: `# target: ${backend}\n`,
  };
  for (const [name, content] of Object.entries(files)) {
    const file = join(managedSettingsDir, name);
    await writeFile(file, content, { mode: 0o444 });
    await chown(file, owner.uid, owner.gid);
  }
  await close(managedSettingsDir, 0o755, owner);
};
