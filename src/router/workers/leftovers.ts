/** Folders of routers that were killed: the system clears its folder for such things late, or never. */
import { lstatSync, readdirSync, rmSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemCodeOf } from "../../shared/errors.ts";

export const folderPrefix = "switchyard-workers-";
/** The socket in it where the rest of the router answers. */
export const restSocket = "rest.sock";
/** A router that begins has made its folder, and does not listen yet; milliseconds. */
const beginning = 60_000;

/** Removes those of this user in which nobody listens. Never rejects. @param now milliseconds since the epoch */
export const sweepLeftovers = async (now = Date.now()): Promise<void> => {
  try {
    const folders = readdirSync(tmpdir()).filter((name) => name.startsWith(folderPrefix));
    await Promise.all(folders.map((name) => sweep(join(tmpdir(), name), now)));
  } catch {
    // The next start tries again.
  }
};

const sweep = async (folder: string, now: number): Promise<void> => {
  try {
    const found = lstatSync(folder);
    const isOurs = found.isDirectory() && found.uid === process.getuid?.();
    if (!isOurs || now - found.mtimeMs < beginning || (await isListened(join(folder, restSocket)))) return;
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // Somebody else was faster.
  }
};

const isListened = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection(path, () => {
      socket.destroy();
      resolve(true);
    });
    // Whatever else is wrong with it may be somebody's.
    socket.once("error", (error) => resolve(!["ECONNREFUSED", "ENOENT"].includes(systemCodeOf(error) ?? "")));
  });
