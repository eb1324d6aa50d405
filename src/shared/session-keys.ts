/**
 * Keys of sessions that joined a router of this machine: a file beside the client keys, which every router of the project reads. The command that runs the
 * session writes its key's hash before it begins, and takes it back after it. They are not among the client keys: that there is one does not close a router
 * that asks for no key.
 */
import { join } from "node:path";
import { accessFiles, changeAccessFile } from "./access-files.ts";
import { hashOfKey } from "./client-keys.ts";
import { isJsonObject, parseJsonObject } from "./json.ts";

export interface SessionKeyRecord {
  /** SHA-256 of the key, in hex. */
  readonly hash: string;
  /** Process of the command that runs the session. */
  readonly pid: number;
}

const isRecord = (value: unknown): value is SessionKeyRecord =>
  isJsonObject(value) &&
  typeof value["hash"] === "string" &&
  /^[0-9a-f]{64}$/.test(value["hash"]) &&
  typeof value["pid"] === "number";

/** What is damaged holds no keys: sessions write theirs anew. */
export const parseSessionKeys = (text: string | undefined): readonly SessionKeyRecord[] => {
  const keys = text === undefined ? undefined : parseJsonObject(text)?.["keys"];
  return Array.isArray(keys) ? keys.filter(isRecord) : [];
};

const change = async (
  folder: string,
  changed: (keys: readonly SessionKeyRecord[]) => readonly SessionKeyRecord[],
): Promise<void> => {
  await changeAccessFile(join(folder, accessFiles.sessionKeys), (text) => ({
    text: `${JSON.stringify({ keys: changed(parseSessionKeys(text)) })}\n`,
  }));
};

/**
 * Adds this process's key. Those whose process has ended go.
 * @param folder as `accessDir` names it @throws SwitchyardError state.unusable
 */
export const addSessionKey = (
  folder: string,
  key: string,
  isRunning: (pid: number) => boolean,
): Promise<void> =>
  change(folder, (keys) => [
    ...keys.filter(({ pid }) => isRunning(pid)),
    { hash: hashOfKey(key), pid: process.pid },
  ]);

/** Takes a key back. @throws SwitchyardError state.unusable */
export const dropSessionKey = (folder: string, key: string): Promise<void> =>
  change(folder, (keys) => keys.filter(({ hash }) => hash !== hashOfKey(key)));
