/** claude-code-router's config.json, as its 2.x reads it (docs/docs/server/config/{providers,routing}.md). */
import { providerSecrets } from "../../config/container.ts";
import type { ConfigSource } from "../../config/source.ts";
import {
  type Config,
  type DialectName,
  type ProviderConfig,
  type RouteName,
  routeNames,
  type Target,
  targetName,
} from "../../config/types.ts";
import { lostOfProviders, lostProfiles, lostSections, namedTargets } from "./common.ts";
import type { Exporter, Note } from "./exporter.ts";

/** What it adds nothing to: the whole address; and the transformer that speaks the dialect. */
const forms: Readonly<Partial<Record<DialectName, { ending: string; transformer?: string }>>> = {
  "openai-chat": { ending: "/chat/completions" },
  anthropic: { ending: "/v1/messages", transformer: "Anthropic" },
  gemini: { ending: "/models/", transformer: "gemini" },
  "openai-responses": { ending: "/responses", transformer: "openai-responses" },
};

/** Presets that have a transformer of their own there. */
const transformers: Readonly<Record<string, string>> = {
  openrouter: "openrouter",
  "deepseek-openai": "deepseek",
  groq: "groq",
};

const routes: ReadonlySet<RouteName> = new Set([
  "default",
  "background",
  "think",
  "longContext",
  "webSearch",
  "image",
]);

const why = (provider: ProviderConfig | undefined): string | undefined => {
  if (provider === undefined || forms[provider.dialect] === undefined)
    return "demo answers in Switchyard alone";
  return provider.auth === "passthrough" ? "the client's own login is not forwarded there" : undefined;
};

export const ccr: Exporter = {
  name: "ccr",
  title: "claude-code-router",
  file: "config.json",
  make: (config, source) => {
    const notes: Note[] = [];
    const isServed = (target: Target): boolean =>
      why(config.providers.get(target.provider)) === undefined && target.model !== "*";
    const targets = namedTargets(config);
    for (const target of targets) {
      if (isServed(target)) continue;
      const reason = why(config.providers.get(target.provider)) ?? "a model has a fixed id there";
      notes.push({ key: targetName(target), outcome: "dropped", to: "", why: reason });
    }
    const used = new Set(targets.filter(isServed).map(({ provider }) => provider));
    const providers = [...config.providers.values()].filter(({ name }) => used.has(name));
    const router: Record<string, unknown> = {};
    const fallback: Record<string, string[]> = {};
    for (const name of routeNames) {
      const route = config.routes[name];
      if (route === undefined) continue;
      const [first, ...rest] = route.use.filter(isServed).map(targetName);
      if (!routes.has(name) || first === undefined) {
        notes.push({
          key: `routes.${name}`,
          outcome: "dropped",
          to: "",
          why: first === undefined ? "none of its targets is served there" : "there is no such route there",
        });
        continue;
      }
      router[name] = first;
      if (rest.length > 0) fallback[name] = rest;
      if (name === "longContext" && route.threshold !== undefined)
        router["longContextThreshold"] = route.threshold;
      notes.push({
        key: `routes.${name}`,
        outcome: rest.length > 0 ? "changed" : "mapped",
        to: `Router.${name}${rest.length > 0 ? `, fallback.${name}` : ""}`,
        why:
          rest.length > 0
            ? "no call is tried again, and the next one follows on an HTTP error alone; 1.x does not know it"
            : "",
      });
    }
    const document = {
      LOG: true,
      HOST: config.server.host,
      PORT: config.server.port,
      ...(config.server.clientKeys.length > 0 && { APIKEY: "$SWITCHYARD_CLIENT_KEY" }),
      Providers: providers.map((provider) => entryOf(provider, targets, source, notes)),
      Router: router,
      ...(Object.keys(fallback).length > 0 && { fallback }),
    };
    return {
      text: `${JSON.stringify(document, undefined, 2)}\n`,
      notes: [...notes, ...lostOf(config, source, used)],
    };
  },
};

const entryOf = (
  provider: ProviderConfig,
  targets: readonly Target[],
  source: ConfigSource,
  notes: Note[],
): Record<string, unknown> => {
  const form = forms[provider.dialect];
  const { keys, preset } = providerSecrets(source, provider.name);
  const [first] = keys;
  const at = `providers.${provider.name}`;
  const own = transformers[preset ?? ""] ?? form?.transformer;
  const isMany = keys.length > 1;
  notes.push({
    key: at,
    outcome: isMany ? "changed" : "mapped",
    to: `Providers: ${provider.name}`,
    why: isMany ? `one key, of ${keys.length}` : "",
  });
  return {
    name: provider.name,
    api_base_url: `${provider.baseUrl}${form?.ending ?? ""}`,
    api_key: first === undefined ? "none" : `$${first.variable}`,
    models: targets
      .filter((target) => target.provider === provider.name && target.model !== "*")
      .map(({ model }) => model),
    ...(own !== undefined && { transformer: { use: [own] } }),
  };
};

const lostOf = (config: Config, source: ConfigSource, used: ReadonlySet<string>): Note[] => {
  const dropped = (key: string, reason: string): Note => ({ key, outcome: "dropped", to: "", why: reason });
  return [
    ...(config.custom?.rules ?? []).map(({ name }) =>
      dropped(`rules: ${name}`, "rules are a script of its own there (CUSTOM_ROUTER_PATH)"),
    ),
    ...[...config.aliases].map(([name]) => dropped(`aliases.${name}`, "models have no other names there")),
    ...(config.tierFirst ? [dropped("routes.tierFirst", "there are no tiers there")] : []),
    ...lostProfiles(config, "it has presets of its own: one file each"),
    ...lostOfProviders(config, source, used),
    ...lostSections(source, []),
  ];
};
