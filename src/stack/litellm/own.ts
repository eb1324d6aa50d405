/** The user's own LiteLLM configuration: read for the variables that it names, and run as it is. */
import { parseTree } from "../../config/parse.ts";
import { Problems } from "../../config/problems.ts";
import { type Scalar, type Tree, treeAt } from "../../config/tree.ts";

export interface OwnSetup {
  readonly keys: Record<string, string>;
  readonly notices: string[];
  readonly clientKey: string | undefined;
}

const reference = /^os\.environ\/([A-Za-z_][A-Za-z0-9_]*)$/;

const scalars = function* (tree: Tree): Generator<Scalar> {
  if (tree.kind === "map") for (const { value } of tree.entries.values()) yield* scalars(value);
  else if (tree.kind === "list") for (const item of tree.items) yield* scalars(item);
  else yield tree.value;
};

/** Entries of model_list that name no key: LiteLLM then takes <PROVIDER>_API_KEY (docs.litellm.ai/docs/providers). */
const impliedNames = (tree: Tree): string[] => {
  const list = treeAt(tree, ["model_list"]);
  if (list?.kind !== "list") return [];
  return list.items.flatMap((item) => {
    const model = treeAt(item, ["litellm_params", "model"]);
    const named = treeAt(item, ["litellm_params", "api_key"]);
    const provider = model?.kind === "scalar" ? /^([a-z0-9_]+)\//.exec(String(model.value))?.[1] : undefined;
    return named !== undefined || provider === undefined ? [] : [`${provider.toUpperCase()}_API_KEY`];
  });
};

/**
 * @param text the user's file
 * @param file its name, for errors
 * @param clientKey what the configuration says that clients send (`stack.litellm.clientKey`); empty: the file's master key
 * @throws SwitchyardError config.invalid where the text is not YAML
 */
export const ownSetup = (
  text: string,
  file: string,
  clientKey: string,
  lookup: (name: string) => string | undefined,
): OwnSetup => {
  const problems = new Problems();
  const tree = parseTree(text, file, problems);
  problems.throwIfAny();
  const named = new Set<string>();
  for (const value of scalars(tree)) {
    const name = typeof value === "string" ? reference.exec(value)?.[1] : undefined;
    if (name !== undefined) named.add(name);
  }
  const keys: Record<string, string> = {};
  const missing: string[] = [];
  for (const name of named) {
    const value = lookup(name);
    if (value === undefined || value === "") missing.push(name);
    else keys[name] = value;
  }
  for (const name of impliedNames(tree)) {
    const value = lookup(name);
    if (value !== undefined && value !== "") keys[name] = value;
  }
  const notices =
    missing.length === 0
      ? []
      : [
          `${file} names ${missing.join(", ")}, and ${missing.length === 1 ? "it is" : "they are"} not set. Set each: switchyard secrets set NAME`,
        ];
  if (clientKey !== "") return { keys, notices, clientKey };

  const master = treeAt(tree, ["general_settings", "master_key"]);
  const written = master?.kind === "scalar" && typeof master.value === "string" ? master.value : "";
  const variable = reference.exec(written)?.[1];
  // LiteLLM takes its master key from there, too, where the file has none.
  const value = variable === undefined ? written || lookup("LITELLM_MASTER_KEY") : keys[variable];
  if (value === undefined || value === "")
    return {
      keys,
      notices: [
        ...notices,
        `${file} has no master_key that is set: whoever reaches its port may use it. Set general_settings.master_key, or stack.litellm.clientKey.`,
      ],
      clientKey: undefined,
    };
  if (written === "") keys["LITELLM_MASTER_KEY"] = value;
  return {
    keys,
    notices: [
      ...notices,
      `The client sends the master key of ${file}, which is an administrator's and may do everything there. Make it a key of its own and name that in stack.litellm.clientKey.`,
    ],
    clientKey: value,
  };
};
