/** From what was read to the configuration that the program runs on. Pure: nothing is read here. */
import type { Path } from "./problems.ts";
import { resolveAdmin, resolveBudgets } from "./resolve-budgets.ts";
import { resolveCapture, resolveLedger } from "./resolve-ledger.ts";
import { resolveModels } from "./resolve-models.ts";
import { resolveProfiles } from "./resolve-profiles.ts";
import { resolveProviders } from "./resolve-providers.ts";
import { resolveAliases, resolveRoutes } from "./resolve-routes.ts";
import { clientKeyNames } from "./resolve-rule-keys.ts";
import { resolveRules } from "./resolve-rules.ts";
import { resolveSearch } from "./resolve-search.ts";
import { resolveStack } from "./resolve-stack.ts";
import { resolveTelemetry } from "./resolve-telemetry.ts";
import { hasTierVariables } from "./tier-variables.ts";
import { configSchema, modelsSchema, providersSchema, type RawConfig } from "./schema.ts";
import { knownKeysAt } from "./schema-keys.ts";
import { type ConfigSource, withPresets } from "./source.ts";
import type { Names } from "./targets.ts";
import { type MapTree, treeAt } from "./tree.ts";
import type { Config, ServerConfig } from "./types.ts";
import { bytes, milliseconds } from "./units.ts";
import { fillVariables, isKeyPath, isProxyPath, validate } from "./validate.ts";
import { resolveVariables } from "./variables.ts";

/** Names in config/models.yaml of what sells by itself, whoever configures it. */
const sellersBuiltIn: Readonly<Record<string, readonly string[]>> = { demo: ["switchyard"] };

/** @throws SwitchyardError config.invalid, with every error in one message */
export const resolveConfig = (source: ConfigSource): Config => {
  const { problems } = source;
  // First the presets by themselves: a mistake in one is told where it stands, even while nobody uses it.
  const nothing = () => "";
  const presetsFilled = fillVariables(source.presets, nothing, problems);
  validate(providersSchema, source.presets, presetsFilled, problems, (path) =>
    knownKeysAt(providersSchema, path),
  );
  const modelsFilled = fillVariables(source.models, nothing, problems);
  const known = validate(modelsSchema, source.models, modelsFilled, problems, (path) =>
    knownKeysAt(modelsSchema, path),
  );

  const tree = withPresets(source.tree, source.presets);
  const filled = fillVariables(tree, source.lookup, problems);
  const raw = validate(configSchema, tree, filled, problems, (path) => knownKeysAt(configSchema, path));

  const providersRaw = raw.providers ?? {};
  const presets = [...source.presets.entries.keys()];
  const { providers, notices: providerNotices } = resolveProviders(providersRaw, {
    tree,
    filled,
    presets,
    problems,
  });
  // A provider of which something is wrong is known all the same: that it is missing would be a second error for the first.
  const providerNames = namesAt(tree, "providers");
  const names: Names = {
    providers: new Map(providerNames.map((name) => [name.toLowerCase(), name])),
    aliases: raw.aliases ?? {},
  };
  const around = { tree, filled: filled.filled, names, problems };
  const routes = resolveRoutes(raw.routes, around);
  const profiles = resolveProfiles(raw.profiles, {
    ...around,
    base: routes,
    tierFirst: raw.routes?.tierFirst ?? false,
    providers,
    presets: source.presets,
  });
  const aliases = resolveAliases(raw.aliases, around);
  const byName = new Map(
    providerNames.map((name) => {
      const { preset, dialect, priceList = sellersBuiltIn[dialect ?? ""] ?? [] } = providersRaw[name] ?? {};
      return [name.toLowerCase(), { name, preset, priceList }];
    }),
  );
  const models = resolveModels(known, raw.models ?? {}, byName, tree, problems, source.prices);
  const server = resolveServer(raw, source, tree);
  const ruleNotices: string[] = [];
  const custom = resolveRules(raw, source.script, {
    ...around,
    lookup: source.lookup,
    clientKeys: server.clientKeys,
    notices: ruleNotices,
  });
  const { search, notices: searchNotices } = resolveSearch(raw, tree, problems);
  const budgets = resolveBudgets(raw, around);
  const ledger = resolveLedger(raw, tree, problems);
  const telemetry = resolveTelemetry(raw, tree, problems);
  const stack = resolveStack(raw, source, tree);
  problems.throwIfAny();

  const disabled = [...providers.values()].flatMap(({ name, disabled }) =>
    disabled === undefined ? [] : [`Provider ${name} is disabled: ${disabled}.`],
  );
  return {
    server,
    log: { level: raw.log?.level ?? "info" },
    providers,
    routes: { ...routes, default: routes.default ?? { use: [], choose: "order" } },
    custom,
    tierFirst: raw.routes?.tierFirst ?? false,
    tiersFromEnvironment: hasTierVariables(source.lookup),
    profiles,
    aliases,
    models,
    search,
    telemetry,
    ledger,
    capture: resolveCapture(raw),
    budgets,
    admin: resolveAdmin(raw),
    stack,
    secrets: [...new Set([...secretsOf(tree, source), ...Object.values(telemetry?.headers ?? {})])],
    notices: [...source.notices, ...disabled, ...providerNotices, ...ruleNotices, ...searchNotices],
    files: source.files,
  };
};

const namesAt = (tree: MapTree, section: string): string[] => {
  const node = treeAt(tree, [section]);
  return node?.kind === "map" ? [...node.entries.keys()] : [];
};

const resolveServer = (raw: RawConfig, source: ConfigSource, tree: MapTree): ServerConfig => {
  const given = raw.server ?? {};
  const host = source.host ?? given.host ?? "127.0.0.1";
  const clientKeys = [
    ...new Set((given.clientKeys ?? []).map((key) => key.trim()).filter((key) => key !== "")),
  ];
  return {
    host,
    port: source.port ?? given.port ?? 3000,
    clientKeys,
    clientKeyNames: clientKeyNames({ tree, lookup: source.lookup }),
    countTokens: given.countTokens ?? "estimate",
    bodyLimit: bytes(given.bodyLimit ?? "32mb"),
    headerHold: milliseconds(given.headerHold ?? "10s"),
    pingInterval: milliseconds(given.pingInterval ?? "15s"),
    drain: milliseconds(given.drain ?? "90s"),
    waitForRest: milliseconds(given.waitForRest ?? "10s"),
    retryBudget: milliseconds(given.retryBudget ?? "30s"),
    resume: given.resume ?? false,
    requestTimeout: milliseconds(given.requestTimeout ?? "60s"),
    stallTimeout: milliseconds(given.stallTimeout ?? "5m"),
    workers: given.workers ?? 1,
  };
};

/** Variables whose names say that they hold a secret, wherever they are used. */
const secretName = /KEY|TOKEN|SECRET|PASSWORD/i;

/** Every value that no log may show: keys, client keys, headers that carry one, and variables with a secret's name. */
const secretsOf = (tree: MapTree, source: ConfigSource): string[] => {
  const found = new Set<string>();
  const walk = (node: MapTree | ReturnType<typeof treeAt>, path: Path): void => {
    if (node?.kind === "map") for (const [key, entry] of node.entries) walk(entry.value, [...path, key]);
    else if (node?.kind === "list") for (const [i, item] of node.items.entries()) walk(item, [...path, i]);
    else if (node?.kind === "scalar" && typeof node.value === "string") {
      const isKey = path.includes("clientKeys") || path.at(-1) === "clientKey" || isKeyPath(path);
      const isHeader = path.includes("headers");
      const resolved = resolveVariables(node.value, source.lookup);
      const names = resolved.references.filter(({ name }) => secretName.test(name));
      if (isKey || (isHeader && (resolved.references.length > 0 || secretName.test(String(path.at(-1))))))
        found.add(resolved.text);
      if (isKey || isHeader) for (const value of resolved.values) found.add(value);
      for (const { name } of names) found.add(source.lookup(name) ?? "");
      if (isProxyPath(path)) found.add(URL.parse(resolved.text)?.password ?? "");
    }
  };
  walk(tree, []);
  return [...found].map((value) => value.trim()).filter((value) => value !== "");
};
