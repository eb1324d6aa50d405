/**
 * Changes of accounts while CLIProxyAPI may run. It takes them up within a moment; but after each answer it writes its own copy of the
 * account that answered, and may so undo a change, or bring a removed file back: each is looked at again a moment later.
 */
import { existsSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf, SwitchyardError } from "../../shared/errors.ts";
import { isJsonObject, type JsonObject, parseJsonObject } from "../../shared/json.ts";
import type { Account } from "./files.ts";

/** So long it may take until CLIProxyAPI has seen a change (6.9.16 waits 50 ms for a file that was replaced). */
const moment = 400;
const tries = 10;

const failed = (file: string, why: string, cause?: unknown): SwitchyardError =>
  new SwitchyardError("state.unusable", { detail: `${file}: ${why}`, hint: "See to that file.", cause });

/** Replaces the file at once, with its mode and its form. */
const rewrite = (file: string, change: (value: JsonObject) => JsonObject): void => {
  try {
    const real = realpathSync(file);
    const beside = join(dirname(real), `.${basename(real)}.${process.pid}.tmp`);
    const before = readFileSync(real, "utf8");
    const value = parseJsonObject(before);
    if (value === undefined) throw new Error("it is no JSON object");
    const indent = /^\{\r?\n(\s+)"/.exec(before)?.[1];
    writeFileSync(beside, `${JSON.stringify(change(value), null, indent)}\n`, {
      mode: statSync(real).mode & 0o777,
    });
    renameSync(beside, real);
  } catch (error) {
    throw failed(file, messageOf(error), error);
  }
};

/** Carries a change out until it stays. @throws SwitchyardError state.unusable */
const untilItStays = async (file: string, stands: () => boolean, change: () => void): Promise<void> => {
  for (let i = 0; i < tries; i++) {
    change();
    await sleep(moment);
    if (stands()) return;
  }
  throw failed(file, "CLIProxyAPI writes it back again and again; try again when it answers nobody");
};

const valueOf = (file: string): JsonObject | undefined => {
  try {
    return parseJsonObject(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
};

/**
 * Writes a priority where current and older versions of CLIProxyAPI read it.
 * @throws SwitchyardError state.unusable
 */
export const writePriority = ({ file }: Pick<Account, "file">, priority: number): Promise<void> =>
  untilItStays(
    file,
    () => valueOf(file)?.["priority"] === priority,
    () =>
      rewrite(file, (value) => {
        const attributes = isJsonObject(value["attributes"]) ? value["attributes"] : {};
        return { ...value, priority, attributes: { ...attributes, priority: String(priority) } };
      }),
  );

/**
 * Deletes an account's file. It is disabled first: what is disabled is not written again.
 * @throws SwitchyardError state.unusable
 */
export const removeAccount = async ({ file, problem }: Pick<Account, "file" | "problem">): Promise<void> => {
  if (problem === undefined)
    await untilItStays(
      file,
      () => valueOf(file)?.["disabled"] === true,
      () => rewrite(file, (value) => ({ ...value, disabled: true })),
    );
  await untilItStays(
    file,
    () => !existsSync(file),
    () => {
      try {
        rmSync(file, { force: true });
      } catch (error) {
        throw failed(file, messageOf(error), error);
      }
    },
  );
};
