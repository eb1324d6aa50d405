/** The configuration as a container gets it: no secret in it, and this machine's loopback turned into the host's gateway. Pure. */
import { stringify } from "yaml";
import { machineZone } from "./hours.ts";
import { hostGateway, loopbackInUrl } from "./loopback-url.ts";
import type { PriceList } from "./price-list.ts";
import type { Path } from "./problems.ts";
import { scriptAsDataUrl } from "./rules-script.ts";
import { type ConfigSource, presetOf, withPresets } from "./source.ts";
import { splitTarget } from "./targets.ts";
import { type MapTree, type Scalar, type Tree, treeAt } from "./tree.ts";
import { isProviderKeyPath, isProxyPath } from "./validate.ts";
import { hasReference, resolveVariables } from "./variables.ts";

/** The variable that carries the generated client key of a stack. */
export const clientKeyVariable = "SWITCHYARD_CLIENT_KEY";

/** A variable that the configuration refers to. */
export interface VariableReference {
  readonly name: string;
  /** Its value is known: set and not empty. */
  readonly set: boolean;
  /** The value; undefined where it is not set. Never print it. */
  readonly value: string | undefined;
  /** Where it is used, as key paths. */
  readonly usedAt: readonly Path[];
}

/** Headers whose names say that their value is a secret. */
const secretHeader = /auth|key|token|secret|cookie/i;

/** `providers.x.keys[0]` and such, where a value that was written out must not go into a generated file. */
const isSecretPlace = (path: Path): boolean =>
  isProviderKeyPath(path) ||
  (path[0] === "server" && path[1] === "clientKeys") ||
  (path[0] === "stack" && path[2] === "clientKey") ||
  (path[0] === "search" && path[1] === "key") ||
  (path[0] === "telemetry" && path[1] === "headers") ||
  (path[0] === "providers" && path[2] === "headers" && secretHeader.test(String(path[3])));

/** The variable that stands for a key that was written out: SWITCHYARD_LITERAL_PROVIDERS_OPENROUTER_KEYS_0. */
const literalName = (path: Path): string =>
  `SWITCHYARD_LITERAL_${path
    .join("_")
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]/g, "_")}`;

/** A value that was written out where a secret belongs. */
const isLiteralSecret = (value: Scalar, path: Path): value is string =>
  typeof value === "string" &&
  value !== "" &&
  (isSecretPlace(path) || (isProxyPath(path) && (URL.parse(value)?.password ?? "") !== "")) &&
  resolveVariables(value, () => undefined).references.length === 0;

/**
 * Every variable that the configuration refers to, presets included, in the order of the file. Keys that the user wrote out
 * in their file are among them under names of ours (as `containerConfig` refers to them), so that all go the same way.
 */
export const referencedVariables = (source: ConfigSource): VariableReference[] => {
  const found = new Map<string, { value: string | undefined; usedAt: Path[] }>();
  const add = (name: string, value: string | undefined, path: Path): void => {
    const entry = found.get(name);
    if (entry) entry.usedAt.push(path);
    else found.set(name, { value: value === "" ? undefined : value, usedAt: [path] });
  };
  walk(withPresets(source.tree, source.presets), [], (value, path) => {
    if (isLiteralSecret(value, path)) return add(literalName(path), value, path);
    if (typeof value !== "string") return;
    for (const { name } of resolveVariables(value, source.lookup).references)
      add(name, source.lookup(name), path);
  });
  return [...found].map(([name, { value, usedAt }]) => ({ name, set: value !== undefined, value, usedAt }));
};

const walk = (tree: Tree, path: Path, visit: (value: Scalar, path: Path) => void): void => {
  if (tree.kind === "map") for (const [key, entry] of tree.entries) walk(entry.value, [...path, key], visit);
  else if (tree.kind === "list")
    for (const [i, item] of tree.items.entries()) walk(item, [...path, i], visit);
  else visit(tree.value, path);
};

/**
 * The merged configuration as YAML text for the router of a container, to be given as `--config`. References stay
 * references; the values come separately (`referencedVariables`). Loopback base URLs lead to the host's gateway. The client
 * key of the stack (SWITCHYARD_CLIENT_KEY) is always among `clientKeys`.
 */
export const containerConfig = (source: ConfigSource, options: { host?: string; port: number }): string => {
  const tree = withPresets(source.tree, source.presets);
  const plain = (node: Tree, path: Path): unknown => {
    if (node.kind === "map") {
      const entries = [...node.entries].map(([key, entry]) => [key, plain(entry.value, [...path, key])]);
      return Object.fromEntries([...entries, ...ownZone(node, path)]);
    }
    if (node.kind === "list") return node.items.map((item, i) => plain(item, [...path, i]));
    if (isLiteralSecret(node.value, path)) return `\${${literalName(path)}}`;
    const isAddress =
      isProxyPath(path) ||
      (path.at(-1) === "baseUrl" && (path[0] === "providers" || path[0] === "search")) ||
      (path[0] === "telemetry" && path[1] === "endpoint");
    if (isAddress && typeof node.value === "string") return reachableUrl(node.value, source);
    return node.value;
  };
  const config = plain(tree, []) as {
    server?: Record<string, unknown>;
    models?: Record<string, Record<string, unknown>>;
  };
  // Its path leads nowhere there.
  const rulesScript = source.script?.kind === "script" ? scriptAsDataUrl(source.script) : "";
  const keys = config.server?.["clientKeys"];
  const others = (Array.isArray(keys) ? keys : []).filter(
    (key) => !(typeof key === "string" && key.includes(clientKeyVariable)),
  );
  const server = {
    ...config.server,
    host: options.host ?? "0.0.0.0",
    port: options.port,
    clientKeys: [`\${${clientKeyVariable}:-}`, ...others],
  };
  const header =
    "# Written by switchyard from config/; do not edit: it is written anew each time. It holds no key.\n";
  return (
    header +
    stringify(
      { ...config, ...withPrices(tree, source.prices, config.models), server, rulesScript },
      { lineWidth: 0, aliasDuplicateObjects: false },
    )
  );
};

/**
 * The user's figures with the prices of the targets that are named anywhere, and of all models of a provider that has a target `*`: the list itself lies in the user's
 * home.
 */
const withPrices = (
  tree: MapTree,
  list: PriceList | undefined,
  own: Record<string, Record<string, unknown>> = {},
): { models?: Record<string, Record<string, unknown>> } => {
  if (list === undefined) return {};
  const named = new Set<string>();
  walk(tree, [], (value) => {
    const target = typeof value === "string" ? splitTarget(value) : undefined;
    if (target !== undefined) named.add(`${target.provider.toLowerCase()},${target.model}`);
  });
  const out = { ...own };
  const providers = treeAt(tree, ["providers"]);
  for (const [name, { value }] of providers?.kind === "map" ? providers.entries : []) {
    const sellers = treeAt(value, ["priceList"]);
    for (const seller of sellers?.kind === "list" ? sellers.items : []) {
      const models = seller.kind === "scalar" ? (list.sellers[String(seller.value)] ?? {}) : {};
      for (const [model, price] of Object.entries(models)) {
        const isNamed = ["*", model].some((each) => named.has(`${name.toLowerCase()},${each}`));
        if (isNamed && own[model]?.["price"] === undefined)
          out[`${name},${model}`] = { price, ...own[`${name},${model}`] };
      }
    }
  }
  return { models: out };
};

/** The zone of hours, where none was named: a container's clock is set to another than this machine's. */
const ownZone = (node: MapTree, path: Path): [string, string][] => {
  const isCondition = path.length === 3 && path[0] === "rules" && path[2] === "when";
  const isBudget = path[0] === "budgets" && path.length === 2;
  if (isBudget && !node.entries.has("timezone")) return [["timezone", machineZone()]];
  if (isCondition && node.entries.has("hours") && !node.entries.has("timezone"))
    return [["timezone", machineZone()]];
  const isKey = path.length === 4 && path[0] === "providers" && path[2] === "keys";
  const timed = ["hours", "from", "activate"].some((name) => node.entries.has(name));
  return isKey && timed && !node.entries.has("timezone") ? [["timezone", machineZone()]] : [];
};

/** A value that must not stand in a generated file, and the variable that carries it instead. */
export interface CarriedSecret {
  readonly variable: string;
  /** Trimmed. Never print it. */
  readonly value: string;
}

/** What a provider sends that is secret, each with the variable that a generated file names instead of it. */
export interface ProviderSecrets {
  /** Its preset's name, or undefined. */
  readonly preset: string | undefined;
  /** Usable keys, each once, in the order of the file. */
  readonly keys: readonly CarriedSecret[];
  /** Headers whose value came out of a variable or whose name says that it is secret, by the header's name. */
  readonly headers: ReadonlyMap<string, CarriedSecret>;
}

/**
 * The secrets of a provider. The variable is the user's own where the value is exactly `${NAME}`, and one of ours
 * otherwise.
 */
export const providerSecrets = (source: ConfigSource, provider: string): ProviderSecrets => {
  const tree = treeAt(withPresets(source.tree, source.presets), ["providers", provider]);
  const own = treeAt(source.tree, ["providers", provider]);
  const carry = (node: Tree | undefined, path: Path): CarriedSecret | undefined => {
    if (node?.kind !== "scalar" || typeof node.value !== "string") return undefined;
    const { text } = resolveVariables(node.value, source.lookup);
    const whole = /^\s*\$\{([A-Za-z_][A-Za-z0-9_]*)\}\s*$/.exec(node.value)?.[1];
    return text.trim() === "" ? undefined : { variable: whole ?? literalName(path), value: text.trim() };
  };
  const keys = new Map<string, CarriedSecret>();
  const list = tree && treeAt(tree, ["keys"]);
  for (const [i, item] of (list?.kind === "list" ? list.items : []).entries()) {
    const path = ["providers", provider, "keys", i];
    const inMap = item.kind === "map" ? item.entries.get("key")?.value : undefined;
    const key = item.kind === "map" ? carry(inMap, [...path, "key"]) : carry(item, path);
    if (key && !keys.has(key.value)) keys.set(key.value, key);
  }
  const headers = new Map<string, CarriedSecret>();
  const map = tree && treeAt(tree, ["headers"]);
  for (const [name, { value }] of map?.kind === "map" ? map.entries : []) {
    const text = value.kind === "scalar" && typeof value.value === "string" ? value.value : "";
    const header =
      secretHeader.test(name) || hasReference(text)
        ? carry(value, ["providers", provider, "headers", name])
        : undefined;
    if (header) headers.set(name, header);
  }
  return { preset: own && presetOf(own), keys: [...keys.values()], headers };
};

/** A base URL as seen from inside a container. A reference stays one, except where its value leads to loopback. */
const reachableUrl = (text: string, source: ConfigSource): string => {
  if (hasReference(text)) {
    const { text: resolved, unset } = resolveVariables(text, source.lookup);
    if (unset.length === 0 && resolved.search(loopbackInUrl) >= 0)
      return resolved.replaceAll(loopbackInUrl, hostGateway);
  }
  return text.replaceAll(loopbackInUrl, hostGateway);
};

/** Providers whose base URL is on this machine, with the URL as it is: `doctor` says when nothing there listens for containers. */
export const localProviders = (source: ConfigSource): { name: string; baseUrl: string }[] => {
  const providers = treeAt(withPresets(source.tree, source.presets), ["providers"]);
  if (providers?.kind !== "map") return [];
  return [...providers.entries].flatMap(([name, entry]) => {
    const url = entry.value.kind === "map" ? entry.value.entries.get("baseUrl")?.value : undefined;
    const baseUrl = localUrl(url, source);
    return baseUrl === undefined ? [] : [{ name, baseUrl }];
  });
};

/** The address of a search engine on this machine, as it is, or undefined. */
export const localSearch = (source: ConfigSource): string | undefined =>
  localUrl(treeAt(source.tree, ["search", "baseUrl"]), source);

const localUrl = (node: Tree | undefined, source: ConfigSource): string | undefined => {
  if (node?.kind !== "scalar" || typeof node.value !== "string") return undefined;
  const { text } = resolveVariables(node.value, source.lookup);
  return text.search(loopbackInUrl) >= 0 ? text : undefined;
};
