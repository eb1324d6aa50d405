/** The volumes of a fused container: the client's home is the client's, what the router remembers is closed to it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, stat } from "node:fs/promises";
import { join } from "node:path";
import { accessFiles, writeAccessFile } from "../shared/access-files.ts";
import { adminFileText } from "../shared/admin-token.ts";
import { clientConfigDir, clientHome, routerStateDir } from "../shared/container-layout.ts";
import { SwitchyardError, systemCodeOf } from "../shared/errors.ts";
import { helperEnvironment, type Identity } from "./container-identity.ts";

/** Runs a helper of ours to its end. @throws SwitchyardError fuse.failed */
export const runHelper = async (command: readonly string[], env: Record<string, string>): Promise<void> => {
  const [name = "", ...args] = command;
  const child = spawn(name, args, { env, stdio: ["ignore", 2, 2] });
  const [status] = (await once(child, "exit")) as [number | null];
  if (status !== 0)
    throw new SwitchyardError("fuse.failed", {
      detail: `${args.at(-1) ?? name}: ended with ${status}`,
    });
};

/** True where `path` belongs to `owner`, or is not there. */
const isOwn = async (path: string, owner: Identity): Promise<boolean> => {
  try {
    const { uid, gid } = await stat(path);
    return uid === owner.uid && gid === owner.gid;
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return true;
    throw error;
  }
};

/** Gives a folder with all in it away. Links are not followed: neither out of the volume nor at all. */
const giveAll = (folder: string, { uid, gid }: Identity): Promise<void> =>
  runHelper(["chown", "-R", "-h", "-P", `${uid}:${gid}`, folder], helperEnvironment("/", {}));

/** Gives the home volume to the client: the engine makes it for root, and it may have been another user's before. */
export const giveHome = async (client: Identity): Promise<void> => {
  if ((await isOwn(clientHome, client)) && (await isOwn(clientConfigDir, client))) return;
  await giveAll(clientHome, client);
};

/**
 * Gives the router's volume to its user, and to nobody else: the ledger, keys that were made, the way in for the CLI. Nothing of the client may run before
 * this has ended.
 * @param adminHash of the administrator's token that the machine has now; undefined: what lies there stays
 */
export const giveState = async (owner: Identity, adminHash: string | undefined): Promise<void> => {
  const known = await isOwn(routerStateDir, owner);
  // Ours for a moment: root without capabilities over files may neither close nor write what is another's.
  await chown(routerStateDir, 0, 0);
  await chmod(routerStateDir, 0o700);
  if (adminHash !== undefined) {
    const file = join(routerStateDir, accessFiles.admin);
    writeAccessFile(file, adminFileText(adminHash, Date.now()));
    await chown(file, owner.uid, owner.gid);
  }
  if (known) await chown(routerStateDir, owner.uid, owner.gid);
  else await giveAll(routerStateDir, owner);
};
