/** The client keys that are taken: those of the configuration, and those of the file that `switchyard keys` and the dashboard write. */
import { hash, timingSafeEqual } from "node:crypto";
import { join } from "node:path";
import type { Config } from "../../config/types.ts";
import { accessFiles } from "../../shared/access-files.ts";
import { clientKeyId, madeKeyId } from "../../shared/client-key.ts";
import { type ClientKeyRecord, parseClientKeys } from "../../shared/client-keys.ts";
import { changeClientKeys } from "../../shared/client-keys-file.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import { shellKeyName } from "../../shared/session-key.ts";
import { parseSessionKeys } from "../../shared/session-keys.ts";
import { toldOf } from "../../shared/told.ts";
import type { Logger } from "../../shared/log.ts";
import type { ClientIdentity } from "./identity.ts";
import { WatchedFile } from "./watched-file.ts";

/** What came of a key: a client, or why it is none. */
export type Found =
  | { readonly client: ClientIdentity }
  | { readonly refused: "unknown" | "expired" | "revoked" };

const digest = (text: string): Buffer => hash("sha256", text, "buffer");

interface Known {
  readonly hash: Buffer;
  readonly record: ClientKeyRecord;
  /** Of a key before its last rotation, milliseconds since the epoch. */
  readonly until: number;
}

interface KeyFile {
  readonly records: readonly ClientKeyRecord[];
  readonly known: readonly Known[];
}

const knownOf = (record: ClientKeyRecord): Known[] => {
  const own: Known = { record, hash: Buffer.from(record.hash, "hex"), until: Infinity };
  const { former } = record;
  if (former === null) return [own];
  return [own, { record, hash: Buffer.from(former.hash, "hex"), until: Date.parse(former.until) }];
};

export interface RegistryOptions {
  /** Folder of the file; undefined: keys of the configuration alone. */
  readonly folder: string | undefined;
  readonly log: Pick<Logger, "error">;
  /** Others than this machine reach the router: without a key nobody is served, whatever becomes of the file. */
  readonly exposed?: boolean;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

export class ClientRegistry {
  readonly #file: WatchedFile<KeyFile> | undefined;
  readonly #sessions: WatchedFile<readonly Buffer[]> | undefined;
  readonly #now: () => number;
  readonly #exposed: boolean;
  #changing: Promise<unknown> = Promise.resolve();
  /** Digests of the configuration's keys, by their list: made once for each configuration. */
  readonly #configured = new WeakMap<readonly string[], readonly { hash: Buffer; key: string }[]>();

  constructor({ folder, log, exposed = false, now = Date.now }: RegistryOptions) {
    this.#now = now;
    this.#exposed = exposed;
    if (folder === undefined) return;
    const onProblem = (error: SwitchyardError): void => log.error({ code: error.code }, toldOf(error));
    this.#file = new WatchedFile({
      file: join(folder, accessFiles.clientKeys),
      parse: (text, file) => {
        const records = parseClientKeys(text, file);
        return { records, known: records.flatMap(knownOf) };
      },
      onProblem,
      now,
    });
    this.#sessions = new WatchedFile({
      file: join(folder, accessFiles.sessionKeys),
      parse: (text) => parseSessionKeys(text).map(({ hash }) => Buffer.from(hash, "hex")),
      onProblem,
      now,
    });
  }

  /**
   * Whether requests need a key. With the first that was made they do, and also once it is revoked or the file is damaged: the router must not come to
   * stand open.
   */
  needed(config: Config): boolean {
    return this.#exposed || this.hasKeys(config);
  }

  /** Whether there are keys: of the configuration, or made ones, revoked ones included. */
  hasKeys(config: Config): boolean {
    if (config.server.clientKeys.length > 0) return true;
    const file = this.#file;
    return file !== undefined && (file.read().records.length > 0 || file.problem !== undefined);
  }

  /** Looks at the files now: a key that is not known may have been made a moment ago. */
  look(): void {
    this.#file?.read(true);
    this.#sessions?.read(true);
  }

  /** Compares without telling by its time how much was right. */
  find(key: string, config: Config): Found {
    const ofConfig = this.#configuredKeys(config);
    const ofFile = this.#file?.read().known ?? [];
    if (ofConfig.length === 0 && ofFile.length === 0 && (this.#sessions?.read() ?? []).length === 0)
      return { refused: "unknown" };
    const given = digest(key);
    let configured: string | undefined;
    for (const each of ofConfig) if (timingSafeEqual(given, each.hash)) configured = each.key;
    if (configured !== undefined)
      return { client: { ...shownClientKey(configured, config), terms: undefined } };
    let found: Known | undefined;
    for (const each of ofFile) if (timingSafeEqual(given, each.hash)) found = each;
    if (found === undefined) return this.#isOfSession(given) ? ofSession(key) : { refused: "unknown" };
    const { record, until } = found;
    const now = this.#now();
    if (record.revokedAt !== null || until <= now) return { refused: "revoked" };
    if (record.expiresAt !== null && Date.parse(record.expiresAt) <= now) return { refused: "expired" };
    return { client: { name: record.name, id: madeKeyId(record.name), terms: record } };
  }

  #isOfSession(given: Buffer): boolean {
    let isOne = false;
    for (const hash of this.#sessions?.read() ?? []) if (timingSafeEqual(given, hash)) isOne = true;
    return isOne;
  }

  /** The keys of the file as it was last understood. */
  records(): readonly ClientKeyRecord[] {
    return this.#file?.read(true).records ?? [];
  }

  /** The keys of the file. @throws SwitchyardError state.unusable */
  list(): readonly ClientKeyRecord[] {
    const records = this.records();
    if (this.#file?.problem !== undefined) throw this.#file.problem;
    return records;
  }

  /** Changes the file, of which the CLI and other routers may be changing other keys. @throws SwitchyardError state.unusable, and what `change` throws */
  async change<Result extends { readonly keys: readonly ClientKeyRecord[] }>(
    change: (keys: readonly ClientKeyRecord[]) => Result,
  ): Promise<Result> {
    const file = this.#file;
    if (file === undefined)
      throw new SwitchyardError("state.unusable", { detail: "this router has no folder for client keys" });
    // One after the other: they would only keep each other from the lock.
    const changing = this.#changing.then(() => changeClientKeys(file.file, change));
    this.#changing = changing.catch(() => undefined);
    const changed = await changing;
    file.read(true);
    return changed;
  }

  #configuredKeys({ server }: Config): readonly { hash: Buffer; key: string }[] {
    const known = this.#configured.get(server.clientKeys);
    if (known !== undefined) return known;
    const made = server.clientKeys.map((key) => ({ hash: digest(key), key }));
    this.#configured.set(server.clientKeys, made);
    return made;
  }
}

/** A session of this machine that joined: to whoever reads the ledger the same as one beside a router of its own. */
const ofSession = (key: string): Found => ({
  client: { id: clientKeyId(key), name: shellKeyName, terms: undefined },
});

/** A key of the configuration as it may be shown: by its id, and by a name. */
const shownClientKey = (key: string, { server }: Config): Pick<ClientIdentity, "id" | "name"> => {
  const id = clientKeyId(key);
  if (id === server.shellKeyId) return { id, name: shellKeyName };
  // Of a short key its end would say too much.
  const ending = key.length < 12 ? "a short key" : `…${key.slice(-4)}`;
  return { id, name: server.clientKeyNames.get(id) ?? ending };
};
