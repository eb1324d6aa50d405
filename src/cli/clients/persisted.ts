/** A client's settings with the router in them, and back: what the file was is kept, so that it comes back byte for byte. */
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { readAccessFile, writeAccessFile } from "../../shared/access-files.ts";
import { messageOf, SwitchyardError, systemCodeOf } from "../../shared/errors.ts";
import { parseJsonObject } from "../../shared/json.ts";
import type { OwnSettings } from "./client.ts";

interface Kept {
  readonly file: string;
  /** Null: there was no such file. */
  readonly before: string | null;
  readonly after: string;
  /** Permission bits before. */
  readonly mode?: number;
}

/** Where a client's file as it was is kept. */
export const keptFile = (stateDir: string, client: string, file: string): string => {
  const hash = createHash("sha256").update(file).digest("hex").slice(0, 8);
  return join(stateDir, "clients", `${client}-${hash}.before.json`);
};

const readKept = (place: string): Kept | undefined => {
  const value = parseJsonObject(readAccessFile(place));
  const { file, before, after, mode } = value ?? {};
  const fits = typeof file === "string" && (before === null || typeof before === "string");
  return fits && typeof after === "string"
    ? { file, before, after, ...(typeof mode === "number" && { mode }) }
    : undefined;
};

/** What is kept of all clients: whose, and of which file. */
export const keptSettings = (stateDir: string): { client: string; file: string }[] => {
  const folder = join(stateDir, "clients");
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const client = /^(.+)-[0-9a-f]{8}\.before\.json$/.exec(name)?.[1];
    const file = client === undefined ? undefined : readKept(join(folder, name))?.file;
    return client === undefined || file === undefined ? [] : [{ client, file }];
  });
};

/** Permission bits; undefined: there is no such file. */
const modeOf = (file: string): number | undefined => {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? undefined : found.mode & 0o777;
};

/** The same for its owner, and nothing for others. */
const forOwner = (mode: number | undefined): number => (mode ?? 0o600) & 0o700;

const readLink = (file: string): string | undefined => {
  try {
    return readlinkSync(file);
  } catch {
    return undefined;
  }
};

/** The file itself, where the path is a link to it: replacing the link would leave two files. */
const realFile = (file: string): string => {
  try {
    return realpathSync(file);
  } catch {
    // Nothing is there, or a link to nothing yet.
    const to = readLink(file);
    return to === undefined ? file : realFile(resolve(dirname(file), to));
  }
};

/**
 * Replaced as a whole. With a client key in it it is for its owner alone.
 * @param mode what it had before that, where it is given back
 * @throws SwitchyardError persist.refused
 */
const write = (named: string, text: string, mode?: number): void => {
  const file = realFile(named);
  const beside = `${file}.${process.pid}.tmp`;
  let isMade = false;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(beside, text, { mode: 0o600, flag: "wx" });
    isMade = true;
    chmodSync(beside, mode ?? forOwner(modeOf(file)));
    renameSync(beside, file);
  } catch (error) {
    if (isMade) rmSync(beside, { force: true });
    throw new SwitchyardError("persist.refused", {
      detail: `${file} cannot be written: ${messageOf(error)}`,
      cause: error,
    });
  }
};

/** A client's file. @throws SwitchyardError persist.refused: no text that could be given back byte for byte, or no file */
const readSettings = (file: string): string | undefined => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFileSync(file));
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === "ENOENT") return undefined;
    throw new SwitchyardError("persist.refused", {
      // What the decoder throws.
      detail: `${file} ${error instanceof TypeError ? "is not UTF-8" : `cannot be read (${code ?? messageOf(error)})`}`,
      cause: error,
    });
  }
};

/** What the file would be without us. */
const without = (
  settings: OwnSettings,
  text: string | undefined,
  kept: Kept | undefined,
): string | undefined => {
  if (kept === undefined || text === undefined) return text;
  return text === kept.after
    ? (kept.before ?? undefined)
    : settings.take(text, kept.before ?? undefined, kept.after);
};

/**
 * Writes the settings; a second time it writes what changed.
 * @param put the file's text with the router in it
 * @returns whether anything was written, and where the file as it was is kept
 * @throws SwitchyardError persist.refused, state.unusable
 */
export const persist = (
  stateDir: string,
  client: string,
  settings: OwnSettings,
  file: string,
  put: (text: string | undefined) => string,
): { changed: boolean; backup: string } => {
  const place = keptFile(stateDir, client, file);
  const now = readSettings(file);
  const was = readKept(place);
  const before = without(settings, now, was);
  const after = put(before);
  const backup = place;
  if (after === now) return { changed: false, backup };
  const mode = was === undefined ? modeOf(file) : was.mode;
  const kept: Kept = { file, before: before ?? null, after, ...(mode !== undefined && { mode }) };
  writeAccessFile(place, `${JSON.stringify(kept)}\n`);
  try {
    write(file, after);
  } catch (error) {
    // As nothing was written, nothing is to be taken back.
    if (was === undefined) rmSync(place, { force: true });
    else writeAccessFile(place, `${JSON.stringify(was)}\n`);
    throw error;
  }
  return { changed: true, backup };
};

/** What it was before `persist`, unless somebody has set another since. */
const modeToGiveBack = (file: string, { mode }: Kept): number | undefined => {
  const now = modeOf(file);
  return mode !== undefined && now === forOwner(mode) ? mode : now;
};

/**
 * Takes the settings back.
 * @returns `nothing`: they were not written; `exact`: the file is what it was, byte for byte; `merged`: it was changed since, and that stays
 */
export const unpersist = (
  stateDir: string,
  client: string,
  settings: OwnSettings,
  file: string,
): "nothing" | "exact" | "merged" => {
  const place = keptFile(stateDir, client, file);
  const kept = readKept(place);
  if (kept === undefined) return "nothing";
  const now = readSettings(file);
  const text = without(settings, now, kept);
  if (now !== undefined) {
    if (text === undefined) rmSync(realFile(file), { force: true });
    else write(file, text, modeToGiveBack(file, kept));
  }
  rmSync(place, { force: true });
  return now === kept.after ? "exact" : "merged";
};
