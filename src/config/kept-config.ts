/**
 * The configuration of the last start, kept beside Node's compile cache for the next one, which then needs no process that reads it.
 * It holds keys, so it is sealed (AES-256-GCM) with a key that is made of all that the configuration was made of: the texts of the files and
 * the values of the variables. Whoever could open it already has every secret in it, and nothing that was made of something else opens.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { getCompileCacheDir } from "node:module";
import { dirname, join, resolve } from "node:path";
import { deserialize, serialize } from "node:v8";
import { systemCodeOf } from "../shared/errors.ts";
import { checkoutRoot, type Environment, keysFile } from "../shared/paths.ts";
import { priceListFile } from "./price-list.ts";
import { profileFilesIn, profileFolders } from "./profile-files.ts";
import type { LoadOptions } from "./source.ts";
import type { Config } from "./types.ts";

/** What lies in the file. The names of variables are no secret; their values are not in it. */
interface Kept {
  readonly names: readonly string[];
  readonly nonce: Buffer;
  readonly tag: Buffer;
  readonly sealed: Buffer;
}

/**
 * The configuration, where nothing that it was made of has changed since it was kept.
 * @param cache Node's compile cache; what is kept lies beside it
 */
export const readKept = (options: LoadOptions, cache = getCompileCacheDir()): Config | undefined => {
  const place = placeOf(options, cache);
  if (place === undefined) return undefined;
  try {
    const { names, nonce, tag, sealed } = deserialize(readFileSync(place)) as Kept;
    const open = createDecipheriv("aes-256-gcm", keyOf(filesDigest(options), options, names), nonce);
    open.setAuthTag(tag);
    const config = deserialize(Buffer.concat([open.update(sealed), open.final()])) as Config;
    // Which script it is comes out of the configuration itself.
    const script = config.custom?.script;
    if (script?.file !== undefined && textOf(script.file) !== script.text) return undefined;
    // Every start may take another port, and nothing else comes of it.
    return options.port === undefined
      ? config
      : { ...config, server: { ...config.server, port: options.port } };
  } catch {
    // Made of something else, or not whole.
    return undefined;
  }
};

/**
 * Begins before the configuration is read: the files must be the same before and after, else it is not known which of them it was made of.
 * @returns the options with an environment that notes what is asked of it, and what keeps the configuration that was made with them
 */
export const keeper = (
  options: LoadOptions,
  cache = getCompileCacheDir(),
): { options: LoadOptions; keep: (config: Config) => void } => {
  const place = placeOf(options, cache);
  // Keys that come through a pipe alone are to lie nowhere.
  if (place === undefined || options.keyFiles === false || options.fileText !== undefined)
    return { options, keep: () => undefined };
  const before = digestIfReadable(options);
  if (before === undefined) return { options, keep: () => undefined };
  const names = new Set<string>();
  const env: Environment = new Proxy(options.env, {
    get: (all, name) => {
      if (typeof name === "string") names.add(name);
      return Reflect.get(all, name) as string | undefined;
    },
  });
  return {
    options: { ...options, env },
    keep: (config) => {
      if (digestIfReadable(options) === before)
        write(place, seal(config, keyOf(before, options, [...names]), [...names]));
    },
  };
};

const seal = (config: Config, key: Buffer, names: readonly string[]): Kept => {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const sealed = Buffer.concat([cipher.update(serialize(config)), cipher.final()]);
  return { names, nonce, tag: cipher.getAuthTag(), sealed };
};

/** One file for each checkout and configuration, so that nothing piles up. Undefined without a compile cache. */
const placeOf = (options: LoadOptions, cache: string | undefined): string | undefined => {
  if (cache === undefined) return undefined;
  const name = sha256([rootOf(options), options.file === undefined ? "" : resolve(options.file)]);
  return join(dirname(cache), `config-${name.toString("hex").slice(0, 12)}`);
};

const rootOf = (options: LoadOptions): string => options.root ?? checkoutRoot();

/** Undefined where a file cannot be read, which is for others to tell. */
const digestIfReadable = (options: LoadOptions): string | undefined => {
  try {
    return filesDigest(options);
  } catch {
    return undefined;
  }
};

/** Every file that the configuration is made of, with the code that makes it. */
const filesDigest = (options: LoadOptions): string => {
  const root = rootOf(options);
  const keys = keysFile(options.env);
  const configs = ["default.yaml", "providers.yaml", "models.yaml", "switchyard.yaml"];
  const files = [
    ...configs.map((name) => join(root, "config", name)),
    ...(options.file === undefined ? [] : [resolve(options.file)]),
    ...profileFolders(root, options.file).flatMap((folder) => profileFilesIn(folder).files),
    join(root, ".env"),
    keys,
    priceListFile(options.env),
    ...["../config", "../shared"].flatMap(sources),
    join(import.meta.dirname, "../../package.json"),
  ];
  // A file of keys that others can read is refused.
  const mode = statSync(keys, { throwIfNoEntry: false })?.mode;
  return sha256([mode, ...files.map((file) => [file, textOf(file)])]).toString("hex");
};

const sources = (folder: string): string[] => {
  const path = join(import.meta.dirname, folder);
  return readdirSync(path).map((name) => join(path, name));
};

/** @throws the system's error where it is there and cannot be read */
const textOf = (file: string): string | null => {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT" || systemCodeOf(error) === "ENOTDIR") return null;
    throw error;
  }
};

const keyOf = (digest: string, options: LoadOptions, names: readonly string[]): Buffer =>
  sha256([
    "the kept configuration of Switchyard",
    process.version,
    digest,
    options.host ?? null,
    options.port === undefined,
    names.map((name) => [name, options.env[name] ?? null]),
  ]);

const sha256 = (parts: readonly unknown[]): Buffer =>
  createHash("sha256").update(JSON.stringify(parts)).digest();

/** Written beside and renamed: another process may be reading. A folder that cannot be written (an image's) is no error. */
const write = (place: string, kept: Kept): void => {
  const beside = `${place}.${process.pid}`;
  try {
    writeFileSync(beside, serialize(kept), { mode: 0o600 });
    renameSync(beside, place);
  } catch {
    rmSync(beside, { force: true });
  }
};
