/** Names of client keys in rules and budgets that no key has: told of, and no error, since made keys come and go without the configuration. */
import type { Config } from "../../config/types.ts";
import type { ClientKeyRecord } from "../../shared/client-keys.ts";

/** @returns a sentence for each place @param keys that were made, revoked ones included */
export const unknownKeyNames = (
  { custom, budgets, server }: Config,
  keys: readonly ClientKeyRecord[],
): readonly string[] => {
  const made = new Set(keys.filter(({ revokedAt }) => revokedAt === null).map(({ name }) => name));
  const known = new Set([
    ...made,
    ...server.clientKeyNames.values(),
    ...server.clientKeys.map((key) => `…${key.slice(-4)}`),
  ]);
  const hint = `There are: ${[...known].join(", ") || "none"}. Make it: switchyard keys create NAME.`;
  const rules = (custom?.rules ?? []).flatMap(({ name, when }) =>
    (when.clientKey ?? []).flatMap((each) =>
      each.made === undefined || made.has(each.made)
        ? []
        : [
            `the rule ${name} names the client key ${each.made}, which there is not: it never matches by it. ${hint}`,
          ],
    ),
  );
  const spent = budgets.flatMap(({ name, scope, which }) =>
    (scope === "clientKey" ? which : [])
      .filter((each) => !known.has(each))
      .map(
        (each) =>
          `the budget ${name} names the client key ${each}, which there is not: it counts nothing. ${hint}`,
      ),
  );
  return [...rules, ...spent];
};
