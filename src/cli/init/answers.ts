/** What `switchyard init` goes by: what was answered, or, unattended, what was found. */
import { parseEnvFile, readKeysFile } from "../../config/secrets.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import type { Environment } from "../../shared/paths.ts";
import { keysFile } from "../../shared/paths.ts";
import type { FoundKey } from "./keys.ts";
import type { Offer } from "./offers.ts";
import type { OtherTool } from "./today.ts";

export interface Answers {
  readonly offers: readonly Offer[];
  /** Claude's subscription serves first. */
  readonly login: boolean;
  readonly tool?: OtherTool;
  /** Keys to be kept in the user's file of keys, by their variables. */
  readonly values: ReadonlyMap<string, string>;
}

/** Lines of NAME=value. @throws SwitchyardError usage.invalid; a value is never shown */
export const keysOfText = (text: string): Map<string, string> => {
  const { values, bad } = parseEnvFile(text);
  if (bad.length > 0)
    throw new SwitchyardError("usage.invalid", {
      detail: `--keys-stdin: line ${bad.join(", ")} is not NAME=value`,
    });
  return new Map([...values].filter(([, value]) => value !== ""));
};

/**
 * @param given keys that came over stdin
 * @param keepFound keys of the environment are kept for later, too
 */
export const unattended = (
  all: readonly Offer[],
  find: (name: string) => FoundKey | undefined,
  options: { given: ReadonlyMap<string, string>; keepFound: boolean; login: boolean; env: Environment },
): Answers => {
  const { given, keepFound, login, env } = options;
  const offers = all.filter(({ variable }) => given.has(variable) || find(variable) !== undefined);
  const kept = readKeysFile(keysFile(env));
  const fromEnvironment = keepFound
    ? offers.flatMap(({ variable }): [string, string][] => {
        const found = find(variable);
        return found === undefined || found.kept || kept.get(variable) === found.value
          ? []
          : [[variable, found.value]];
      })
    : [];
  return { offers, login, values: new Map([...fromEnvironment, ...given]) };
};
