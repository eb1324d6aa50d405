/** Which versions were pinned before, so that an upgrade can be taken back. */
import { join } from "node:path";
import { readAccessFile, writeAccessFile } from "../../shared/access-files.ts";
import { isJsonObject, parseJsonObject } from "../../shared/json.ts";
import type { Upgradable } from "./smoke.ts";

export interface Step {
  readonly of: Upgradable;
  /** Null: the configuration named none, and the default's counted. */
  readonly from: string | null;
  readonly to: string;
}

const fileOf = (stateDir: string): string => join(stateDir, "upgrades.json");

/** The oldest first. */
export const readSteps = (stateDir: string): Step[] => {
  const list = parseJsonObject(readAccessFile(fileOf(stateDir)))?.["steps"];
  return (Array.isArray(list) ? list : []).flatMap((each: unknown) => {
    const { of, from, to } = isJsonObject(each) ? each : {};
    const isOf = of === "client" || of === "litellm" || of === "cliproxyapi";
    return isOf && (from === null || typeof from === "string") && typeof to === "string"
      ? [{ of, from, to }]
      : [];
  });
};

/** @throws SwitchyardError state.unusable */
export const writeSteps = (stateDir: string, steps: readonly Step[]): void =>
  writeAccessFile(fileOf(stateDir), `${JSON.stringify({ steps })}\n`);
