/**
 * A provider for each tier of the client out of variables, as people keep them in a `.env`: HAIKU_PROVIDER_API_KEY, HAIKU_PROVIDER_BASE_URL and
 * ANTHROPIC_DEFAULT_HAIKU_MODEL, the same for SONNET and OPUS. A tier without a key is the client's own: its login is forwarded to Anthropic.
 */
import { endpointOf } from "./endpoints.ts";
import { presetsIn } from "./preset-tree.ts";
import type { Position } from "./problems.ts";
import type { MapTree, Scalar, Tree } from "./tree.ts";
import { environmentTiers } from "./types.ts";

type Lookup = (name: string) => string | undefined;

const anthropic = "https://api.anthropic.com";
/** Of a tier without a key, and of whatever has no tier: the id that the client asks for, with its own login. */
const ownLogin = "anthropic,*";
/** The model's name alone decides, as its user expects: what the default file says of other requests does not count. */
const setAside = ["background", "think", "longContext", "webSearch", "image"] as const;

const keyVariable = (tier: string): string => `${tier.toUpperCase()}_PROVIDER_API_KEY`;
const baseVariable = (tier: string): string => `${tier.toUpperCase()}_PROVIDER_BASE_URL`;
const modelVariable = (tier: string): string => `ANTHROPIC_DEFAULT_${tier.toUpperCase()}_MODEL`;

const valueOf = (name: string, lookup: Lookup): string | undefined => {
  const value = lookup(name)?.trim();
  return value === "" ? undefined : value;
};

/** Whether a tier has a provider of its own. */
export const hasTierVariables = (lookup: Lookup): boolean =>
  environmentTiers.some((tier) => valueOf(keyVariable(tier), lookup) !== undefined);

/** A text of the environment as the configuration would have it: nothing in it is a reference. */
const literal = (text: string): string => text.replaceAll("${", () => "$${");

type Plain = Scalar | readonly Plain[] | { readonly [key: string]: Plain };

/** Where a value comes from, by its place in the tree. */
type Origin = (path: readonly string[]) => Position;

const treeOf = (value: Plain, origin: Origin, path: readonly string[] = []): Tree => {
  const at = origin(path);
  if (Array.isArray(value))
    return { kind: "list", at, items: (value as Plain[]).map((each) => treeOf(each, origin, path)) };
  if (typeof value !== "object" || value === null) return { kind: "scalar", at, value };
  const entries = Object.entries(value).map(([key, each]) => {
    const inner = [...path, key];
    return [key, { keyAt: origin(inner), value: treeOf(each, origin, inner) }] as const;
  });
  return { kind: "map", at, entries: new Map(entries) };
};

export interface TierVariables {
  /** To be laid over config/default.yaml; what the user's file says goes over it. Keys are references in it. Undefined: no variable is set. */
  readonly tree: MapTree | undefined;
  /** What the variables came to, or why nothing came of one. */
  readonly notices: readonly string[];
}

/** @param presets config/providers.yaml: an address of one of them has its quirks */
export const readTierVariables = (presets: MapTree, lookup: Lookup): TierVariables => {
  const notices = environmentTiers.flatMap((tier) =>
    valueOf(baseVariable(tier), lookup) === undefined || valueOf(keyVariable(tier), lookup) !== undefined
      ? []
      : [`${baseVariable(tier)} does nothing without ${keyVariable(tier)}.`],
  );
  if (!hasTierVariables(lookup)) return { tree: undefined, notices };
  const known = presetsIn(presets);
  const providers: Record<string, Plain> = {};
  const targets = { haiku: ownLogin, opus: ownLogin, sonnet: ownLogin };
  const aliases: Record<string, string> = {};
  /** A key of one address is one provider, whose rests and limits count once. */
  const made = new Map<string, string>();
  for (const tier of environmentTiers) {
    const key = valueOf(keyVariable(tier), lookup);
    const model = valueOf(modelVariable(tier), lookup)?.replace(/\[1m\]$/i, "");
    if (key === undefined) continue;
    const { baseUrl, preset } = endpointOf(
      valueOf(baseVariable(tier), lookup) ?? anthropic,
      "anthropic",
      known,
    );
    const provider = made.get(`${baseUrl} ${key}`) ?? `${tier}-provider`;
    made.set(`${baseUrl} ${key}`, provider);
    providers[provider] ??= {
      ...(preset === undefined ? { dialect: "anthropic" } : { preset: preset.name }),
      baseUrl: literal(baseUrl),
      keys: [`\${${keyVariable(tier)}}`],
    };
    const target = `${provider},${literal(model ?? "*")}`;
    targets[tier] = target;
    // The client has the same variable and asks for the model by its name.
    if (model === undefined) continue;
    aliases[model] ??= target;
    if (aliases[model] !== target)
      notices.push(
        `${modelVariable(tier)} names ${model} as another tier does: where a client asks for that name, it gets ${aliases[model]}.`,
      );
  }
  const said = environmentTiers.map((tier) =>
    targets[tier] === ownLogin ? `${tier} keeps the client's own login` : `${tier} goes to ${targets[tier]}`,
  );
  notices.push(`Tiers by variables of the environment: ${said.join(", ")}.`);
  const routes = {
    default: ownLogin,
    tierFirst: true,
    ...Object.fromEntries(setAside.map((name) => [name, null])),
    ...targets,
  };
  const origin: Origin = ([section, name = "", key]) => {
    let variable = "variables of tiers";
    if (section === "providers" && name !== "") {
      const tier = name.replace(/-provider$/, "");
      variable = key === "baseUrl" ? baseVariable(tier) : keyVariable(tier);
    }
    const named = environmentTiers.find((tier) => aliases[name] === targets[tier]);
    if (section === "aliases" && named !== undefined) variable = modelVariable(named);
    return { file: `the environment's ${variable}`, line: 1, column: 1 };
  };
  return { tree: treeOf({ providers, routes, aliases }, origin) as MapTree, notices };
};
