/** Keys of clients in custom rules: by the name of a variable or of a made key, by the last four characters, or by a variable that holds the key. */
import { clientKeyId, madeKeyId } from "../shared/client-key.ts";
import { didYouMean, type Path, showPath } from "./problems.ts";
import type { RuleSurroundings } from "./resolve-rules.ts";
import { positionAt, treeAt } from "./tree.ts";
import type { ClientKeyCondition } from "./types-rules.ts";
import { resolveVariables } from "./variables.ts";

/** `${NAME}` or `${NAME:-default}`, and nothing else. */
const wholeReference = /^\s*\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-[^$]*)?\}\s*$/;

/** Every variable that is a client key, with its value; empty where it is not set. */
const namedKeys = ({
  tree,
  lookup,
}: Pick<RuleSurroundings, "tree" | "lookup">): { name: string; value: string }[] => {
  const list = treeAt(tree, ["server", "clientKeys"]);
  return (list?.kind === "list" ? list.items : []).flatMap((item) => {
    if (item.kind !== "scalar" || typeof item.value !== "string") return [];
    const name = wholeReference.exec(item.value)?.[1];
    return name === undefined ? [] : [{ name, value: resolveVariables(item.value, lookup).text.trim() }];
  });
};

/** Names of the variables that client keys came out of, by the keys' ids. */
export const clientKeyNames = (around: Pick<RuleSurroundings, "tree" | "lookup">): Map<string, string> =>
  new Map(
    namedKeys(around).flatMap(({ name, value }) =>
      value === "" ? [] : [[clientKeyId(value), name] as const],
    ),
  );

/** Names as `switchyard keys` takes them; what is as long as a key, or begins as one, is not taken for a name: it would be shown. */
const mayBeMade = (text: string): boolean =>
  /^[\p{L}\p{N}][\p{L}\p{N}.@_-]{0,31}$/u.test(text) && !/^(?:sk|swk|swa|sm)-/.test(text);

/** One entry of `clientKey`. What is wrong is told; undefined then. */
export const readClientKey = (
  text: string,
  path: Path,
  around: RuleSurroundings,
): ClientKeyCondition | undefined => {
  const { tree, filled, problems, notices, clientKeys } = around;
  const tell = (what: string): undefined => problems.add(positionAt(tree, path), path, what) as undefined;
  const neverHolds = (why: string): void =>
    void notices.push(`${showPath(path)} ${why}: the rule never matches by it.`);
  const isFilled = filled.has(showPath(path));
  const given = text.trim();
  if (isFilled) {
    const known = clientKeys.includes(given);
    if (!known) neverHolds(given === "" ? "is empty" : "is none of server.clientKeys");
    return { ids: known ? [clientKeyId(given)] : [], shown: "the key of its variable" };
  }
  // Told without the text: it is a key.
  if (clientKeys.includes(given))
    return tell(
      "found a whole key, expected ${VARIABLE}, the variable's name, or the key's last four characters.",
    );
  const named = namedKeys(around);
  const byName = named.filter(({ name }) => name === given);
  if (byName.length > 0) {
    const ids = byName.flatMap(({ value }) => (value === "" ? [] : [clientKeyId(value)]));
    if (ids.length === 0) neverHolds(`names a variable that is not set`);
    return { ids, shown: given };
  }
  const known = named.map(({ name }) => name);
  const meant = didYouMean(given, known);
  const made = meant === "" && mayBeMade(given) ? given : undefined;
  const ending = given.replace(/^(?:…|\.\.\.)/, "");
  if (ending.length === 4) {
    const ids = clientKeys.filter((key) => key.endsWith(ending)).map(clientKeyId);
    if (made !== undefined)
      return { ids: [...ids, madeKeyId(made)], shown: made, ...(ids.length === 0 && { made }) };
    if (ids.length === 0) neverHolds("is the end of none of server.clientKeys");
    return { ids, shown: `…${ending}` };
  }
  if (made !== undefined) return { ids: [madeKeyId(made)], shown: made, made };
  const list = known.length === 0 ? "" : ` Known: ${known.join(", ")}.`;
  return tell(
    `expected the name of a variable in server.clientKeys, of a key made by \`switchyard keys\`, the last four characters of a key, or \${VARIABLE}.${meant}${list}`,
  );
};
