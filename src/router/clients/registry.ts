/** The client keys that are taken: those of the configuration, and those of the file that `switchyard keys` and the dashboard write. */
import { createHash, timingSafeEqual } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../../config/types.ts";
import { accessFiles, readAccessFile, writeAccessFile } from "../../shared/access-files.ts";
import { clientKeyId } from "../../shared/client-key.ts";
import { type ClientKeyRecord, clientKeysText, parseClientKeys } from "../../shared/client-keys.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import type { Logger } from "../../shared/log.ts";
import type { ClientIdentity } from "./identity.ts";

/** What came of a key: a client, or why it is none. */
export type Found = { readonly client: ClientIdentity } | { readonly refused: "unknown" | "expired" | "revoked" };

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Between two looks at the file, in milliseconds: so long a revoked key may still be taken. */
const lookEvery = 1_000;

interface Known {
  readonly hash: Buffer;
  readonly record: ClientKeyRecord;
  /** Of a key before its last rotation, milliseconds since the epoch. */
  readonly until: number;
}

export interface RegistryOptions {
  /** Folder of the files; undefined: keys of the configuration alone. */
  readonly folder: string | undefined;
  readonly log: Pick<Logger, "error">;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

export class ClientRegistry {
  readonly #file: string | undefined;
  readonly #log: Pick<Logger, "error">;
  readonly #now: () => number;
  #looked = -Infinity;
  #version = "";
  #records: readonly ClientKeyRecord[] = [];
  #known: readonly Known[] = [];
  /** Why the file is not understood. Keys that were known stay; a router that starts with it takes none of them. */
  #problem: SwitchyardError | undefined;
  /** Digests of the configuration's keys, by their list: made once for each configuration. */
  readonly #configured = new WeakMap<readonly string[], readonly { hash: Buffer; key: string }[]>();

  constructor({ folder, log, now = Date.now }: RegistryOptions) {
    this.#file = folder === undefined ? undefined : join(folder, accessFiles.clientKeys);
    this.#log = log;
    this.#now = now;
  }

  /** Whether requests need a key. With the first that was made they do, and also once it is revoked: the router must not come to stand open. */
  needed(config: Config): boolean {
    if (config.server.clientKeys.length > 0) return true;
    this.#look();
    return this.#records.length > 0 || this.#problem !== undefined;
  }

  /** Compares without telling by its time how much was right. */
  find(key: string, config: Config): Found {
    const given = digest(key);
    let configured: string | undefined;
    for (const { hash, key: each } of this.#configuredKeys(config))
      if (timingSafeEqual(given, hash)) configured = each;
    if (configured !== undefined)
      return { client: { ...shownClientKey(configured, config), terms: undefined } };
    this.#look();
    let found: Known | undefined;
    for (const each of this.#known) if (timingSafeEqual(given, each.hash)) found = each;
    if (found === undefined) return { refused: "unknown" };
    const { record, until } = found;
    const now = this.#now();
    if (record.revokedAt !== null) return { refused: "revoked" };
    if (until <= now) return { refused: "revoked" };
    if (record.expiresAt !== null && Date.parse(record.expiresAt) <= now) return { refused: "expired" };
    return { client: { name: record.name, id: record.hash.slice(0, 12), terms: record } };
  }

  /** The keys of the file. @throws SwitchyardError state.unusable */
  list(): readonly ClientKeyRecord[] {
    this.#look(true);
    if (this.#problem !== undefined) throw this.#problem;
    return this.#records;
  }

  /** Changes the file. @throws SwitchyardError state.unusable, and what `change` throws */
  change<Result extends { readonly keys: readonly ClientKeyRecord[] }>(
    change: (keys: readonly ClientKeyRecord[]) => Result,
  ): Result {
    if (this.#file === undefined)
      throw new SwitchyardError("state.unusable", { detail: "this router has no folder for client keys" });
    const changed = change(this.list());
    writeAccessFile(this.#file, clientKeysText(changed.keys));
    this.#look(true);
    return changed;
  }

  #configuredKeys({ server }: Config): readonly { hash: Buffer; key: string }[] {
    const known = this.#configured.get(server.clientKeys);
    if (known !== undefined) return known;
    const made = server.clientKeys.map((key) => ({ hash: digest(key), key }));
    this.#configured.set(server.clientKeys, made);
    return made;
  }

  /** The file is small and changed by hand or by another process: a look at its time each second finds that anywhere, mounts of containers included. */
  #look(atOnce = false): void {
    if (this.#file === undefined) return;
    const now = this.#now();
    if (!atOnce && Math.abs(now - this.#looked) < lookEvery) return;
    this.#looked = now;
    const stat = statSync(this.#file, { throwIfNoEntry: false, bigint: true });
    const version = stat === undefined ? "none" : `${stat.ino} ${stat.mtimeNs} ${stat.size}`;
    if (version === this.#version) return;
    try {
      const records = parseClientKeys(readAccessFile(this.#file), this.#file);
      this.#records = records;
      this.#known = records.flatMap((record) => [
        { record, hash: Buffer.from(record.hash, "hex"), until: Infinity },
        ...(record.former === null
          ? []
          : [
              {
                record,
                hash: Buffer.from(record.former.hash, "hex"),
                until: Date.parse(record.former.until),
              },
            ]),
      ]);
      this.#problem = undefined;
    } catch (error) {
      if (!(error instanceof SwitchyardError)) throw error;
      this.#problem = error;
      this.#log.error({ code: error.code }, `${error.message}. ${error.hint}`);
    }
    this.#version = version;
  }
}

/** A key of the configuration as it may be shown: by its id, and by a name. */
export const shownClientKey = (
  key: string,
  { custom }: Config,
): Pick<ClientIdentity, "id" | "name"> => {
  const id = clientKeyId(key);
  // Of a short key its end would say too much.
  const ending = key.length < 12 ? "a short key" : `…${key.slice(-4)}`;
  return { id, name: custom?.clientKeyNames.get(id) ?? ending };
};
