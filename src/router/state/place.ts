/** Where routers that share a state meet. */
import { createHash } from "node:crypto";
import { lstatSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Paths of sockets are short: 104 bytes on macOS, 108 on Linux, with the zero at their end. */
const longest = 100;

/** Beside the file; in a folder of this user's where that would be too long. Undefined where such a folder is somebody else's. */
export const socketPath = (file: string): string | undefined => {
  const beside = `${file}.sock`;
  if (Buffer.byteLength(beside) <= longest) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    return beside;
  }
  const user = process.getuid?.() ?? 0;
  const folder = join(tmpdir(), `switchyard-${user}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(folder);
  if (uid !== user || (mode & 0o777) !== 0o700) return undefined;
  const name = createHash("sha256").update(file).digest("hex").slice(0, 16);
  return join(folder, `${name}.sock`);
};
