/** The router's log on disk: appended to, and cut over to `<name>.1` before it grows past its limit. */
import { appendFileSync, chmodSync, mkdirSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";

export interface LogFile {
  /** Appends text; a disk that is full or read-only never ends a session. */
  write(text: string): void;
}

/** @param limit bytes after which the file is moved aside; at most twice that much is kept */
export const openLogFile = (path: string, limit = 10 * 1024 * 1024): LogFile => {
  let size = 0;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    appendFileSync(path, "", { mode: 0o600 });
    chmodSync(path, 0o600);
    size = statSync(path).size;
  } catch {
    // The first write will find out again.
  }
  return {
    write: (text) => {
      try {
        if (size > limit) {
          renameSync(path, `${path}.1`);
          size = 0;
        }
        appendFileSync(path, text, { mode: 0o600 });
        size += Buffer.byteLength(text);
      } catch {
        // The log is a convenience; the session is not to fail for it.
      }
    },
  };
};
