/** Prompts and answers that were kept, as they lie in their folder: by day, a file each. */
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { systemCodeOf } from "../../shared/errors.ts";

export const capturedKinds = ["request", "answer"] as const;
export type CapturedKind = (typeof capturedKinds)[number];

/** One file of a turn. */
export interface CapturedFile {
  readonly path: string;
  /** As the file is named: the turn's `request-id`. */
  readonly id: string;
  readonly kind: CapturedKind;
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** The name of a turn's files, without their ending. An id is made here; whatever it is, it names a file of the folder. */
export const capturedName = (id: string): string => id.replaceAll(/[^\w-]/g, "_").slice(0, 100);

const parsed = (name: string): { id: string; kind: CapturedKind } | undefined => {
  const [, id, ending] = /^([\w-]+)\.(request|answer)$/.exec(name) ?? [];
  const kind = capturedKinds.find((each) => each === ending);
  return id === undefined || kind === undefined ? undefined : { id, kind };
};

/** A folder that is not there has none; one that cannot be read neither. */
const daysOf = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);

/** Every file, the newest first. @param wanted of one turn alone */
export const capturedFiles = async (folder: string, wanted?: string): Promise<readonly CapturedFile[]> => {
  const name = wanted === undefined ? undefined : capturedName(wanted);
  const found: Promise<CapturedFile | undefined>[] = [];
  for (const day of await daysOf(folder))
    for (const each of await readdir(join(folder, day)).catch(() => [])) {
      const of = parsed(each);
      if (of === undefined || (name !== undefined && of.id !== name)) continue;
      const path = join(folder, day, each);
      found.push(
        stat(path).then(
          ({ size, mtimeMs }) => ({ path, ...of, size, at: mtimeMs }),
          // It is gone since.
          () => undefined,
        ),
      );
    }
  const files = (await Promise.all(found)).filter((file) => file !== undefined);
  return files.toSorted((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
};

/** Of a turn, or of all. @returns how many files were removed */
export const removeCaptured = async (folder: string, wanted?: string): Promise<number> => {
  const files = await capturedFiles(folder, wanted);
  await Promise.all(files.map(({ path }) => rm(path, { force: true })));
  return files.length;
};

/** The text of one; undefined where there is none. @throws the system's error */
export const readCaptured = async (
  folder: string,
  id: string,
  kind: CapturedKind,
): Promise<string | undefined> => {
  const file = (await capturedFiles(folder, id)).find((each) => each.kind === kind);
  if (file === undefined) return undefined;
  try {
    return await readFile(file.path, "utf8");
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return undefined;
    throw error;
  }
};
