/**
 * A key of its own for each client of the machine: the router keeps hashes alone, so that the key itself is kept here, mode 0600, for the next time
 * that the client's variables are asked for.
 */
import { join } from "node:path";
import { accessDir, accessFiles, readAccessFile, writeAccessFile } from "../../shared/access-files.ts";
import {
  clientKeysText,
  createClientKey,
  hashOfKey,
  parseClientKeys,
  readTerms,
} from "../../shared/client-keys.ts";
import { SwitchyardError } from "../../shared/errors.ts";

export interface OwnKey {
  readonly key: string;
  /** As in `switchyard keys list`. */
  readonly name: string;
  readonly isNew: boolean;
}

/** Whether the router would ask for a key because of those that were made with `switchyard keys`. */
export const hasMadeKeys = (stateDir: string): boolean => {
  const file = join(accessDir(stateDir), accessFiles.clientKeys);
  return parseClientKeys(readAccessFile(file), file).length > 0;
};

/** @throws SwitchyardError client.keyInvalid where the key of that name was replaced by hand; state.unusable */
export const ownKey = (stateDir: string, client: string): OwnKey => {
  const name = `${client}-on-this-machine`;
  const kept = join(stateDir, "clients", `${name}.key`);
  const file = join(accessDir(stateDir), accessFiles.clientKeys);
  const keys = parseClientKeys(readAccessFile(file), file);
  const record = keys.find((each) => each.name === name && each.revokedAt === null);
  const key = readAccessFile(kept)?.trim();
  if (record !== undefined && key !== undefined && hashOfKey(key) === record.hash)
    return { key, name, isNew: false };
  if (record !== undefined)
    throw new SwitchyardError("client.keyInvalid", {
      detail: `there is a key ${name}, and it is not the one that is kept here: it was made or rotated by hand`,
      hint: `End it, and ask again: switchyard keys revoke ${name}`,
    });
  const made = createClientKey(keys, name, readTerms({}), Date.now());
  writeAccessFile(kept, `${made.key}\n`);
  writeAccessFile(file, clientKeysText(made.keys));
  return { key: made.key, name, isNew: true };
};
