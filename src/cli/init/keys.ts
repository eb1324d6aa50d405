/** Keys that are on this machine already, by the names of their variables. */
import { readDotEnv, readKeysFile } from "../../config/secrets.ts";
import { join } from "node:path";
import { checkoutRoot, type Environment, keysFile } from "../../shared/paths.ts";

export interface FoundKey {
  readonly value: string;
  /** In words: `the environment`. */
  readonly where: string;
  /** It is there for every shell to come, and not for this one alone. */
  readonly kept: boolean;
}

/** @returns finds a variable in the order in which the configuration looks for it; undefined where it is not set */
export const keyFinder = (env: Environment): ((name: string) => FoundKey | undefined) => {
  const file = keysFile(env);
  const kept = readKeysFile(file);
  const dotEnv = readDotEnv(join(checkoutRoot(), ".env"));
  return (name) => {
    for (const [where, value, isKept] of [
      ["the environment", env[name], false],
      [file, kept.get(name), true],
      [".env of the checkout", dotEnv?.get(name), true],
    ] as const)
      if (value !== undefined && value !== "") return { value, where, kept: isKept };
    return undefined;
  };
};
