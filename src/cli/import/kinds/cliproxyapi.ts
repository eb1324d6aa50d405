/**
 * CLIProxyAPI (router-for-me), `config.yaml`: config.example.yaml of 6.x of 2026, and its older forms (`generative-language-api-key`, `api-keys` of a
 * provider of openai-compatibility, keys as plain texts). Logins of accounts stay with CLIProxyAPI, which can stand behind the router.
 */
import { type Draft, headerValue, type KeyWish, proxyUrl } from "../draft.ts";
import type { Importer } from "../importer.ts";
import type { Part } from "../report.ts";
import { isHttpProxy, keyNote, noSocks, rowOf } from "../texts.ts";
import { droppedKeys } from "./cliproxyapi-dropped.ts";

/** A section of keys of one kind of provider. */
interface Section {
  readonly name: string;
  readonly preset: string;
  readonly dialect: "gemini" | "anthropic" | "openai-responses" | "openai-chat";
  /** Models that it serves where it lists none. */
  readonly models: string;
}

const sections: Readonly<Record<string, Section>> = {
  "gemini-api-key": { name: "gemini", preset: "gemini", dialect: "gemini", models: "gemini-*" },
  "generative-language-api-key": { name: "gemini", preset: "gemini", dialect: "gemini", models: "gemini-*" },
  "claude-api-key": { name: "claude", preset: "anthropic", dialect: "anthropic", models: "claude-*" },
  "codex-api-key": {
    name: "codex",
    preset: "openai-responses",
    dialect: "openai-responses",
    models: "gpt-*",
  },
  "xai-api-key": { name: "xai", preset: "xai", dialect: "openai-chat", models: "grok-*" },
};

export const cliproxyapi: Importer = {
  kind: "cliproxyapi",
  title: "CLIProxyAPI",
  where: "config.yaml (~/.cli-proxy-api, or /opt/homebrew/etc/cliproxyapi.conf)",
  detect: (files) =>
    files.filter(({ part }) => {
      const has = (name: string): boolean => part.at(name) !== undefined;
      return (
        Object.keys(sections).some(has) ||
        has("openai-compatibility") ||
        has("auth-dir") ||
        (has("remote-management") && has("port"))
      );
    }),
  read: (files, draft) => {
    for (const { part } of files) readConfig(part, draft);
  },
};

/** Targets by the name that clients ask for, in the order of the file. */
type Names = Map<string, string[]>;

const readConfig = (top: Part, draft: Draft): void => {
  const names: Names = new Map();
  const wide: [string, string][] = [];
  for (const [name, section] of Object.entries(sections)) {
    const list = top.at(name);
    if (list !== undefined) readSection(list, section, names, wide, draft);
  }
  for (const part of top.at("openai-compatibility")?.items() ?? []) readCompatible(part, names, draft);
  top.at("vertex-api-key")?.dropped("Vertex is left to CLIProxyAPI: docs/cliproxyapi.md");
  for (const [name, targets] of names) {
    const [only] = targets;
    if (targets.length === 1 && only !== undefined) draft.aliases[name] = only;
    else draft.modelRule(name, [name], targets);
  }
  const byModels = Map.groupBy(wide, ([models]) => models);
  for (const [models, list] of byModels)
    draft.modelRule(models, [models], [...new Set(list.map(([, target]) => target))]);
  const claude = byModels.get("claude-*")?.map(([, target]) => target);
  const first = claude ?? [...names.values()][0] ?? [];
  // Without a model that it knows CLIProxyAPI answers with an error; here there is always a route for everything else.
  if (first.length > 0) draft.routes.default = { use: [...new Set(first)] };
  readServer(top, draft);
  readTuning(top, draft);
  tellDropped(top);
};

/** An entry as a map, or in the old form the key alone. */
const keyOf = (part: Part): Part | undefined => (part.tree.kind === "scalar" ? part : part.at("api-key"));

const directly = /^(?:direct|none)$/i;

const wishOf = (part: Part, draft: Draft): KeyWish[] => {
  const key = keyOf(part);
  if (key?.text === undefined) return [];
  const proxy = part.at("proxy-url")?.text;
  const weight = part.at("weight")?.number;
  return [
    {
      value: key.text,
      terms: {
        ...(proxy !== undefined && isHttpProxy(proxy) && { proxy: proxyUrl(draft, proxy) }),
        ...(weight !== undefined && weight >= 1 && { weight: Math.min(1000, Math.round(weight)) }),
      },
    },
  ];
};

const readSection = (
  list: Part,
  section: Section,
  names: Names,
  wide: [string, string][],
  draft: Draft,
): void => {
  // Entries of the same address and headers are keys of one provider.
  const groups = Map.groupBy(list.items(), (part) =>
    JSON.stringify([
      part.at("base-url")?.text?.replace(/^https:\/\/generativelanguage\.googleapis\.com\/?$/, "") ?? "",
      plainHeaders(part),
      part.at("prefix")?.text,
    ]),
  );
  for (const parts of groups.values()) {
    const [first] = parts;
    const base = first?.at("base-url");
    const headers = first === undefined ? {} : headersOf(first, section.name, draft);
    const provider = draft.provider({
      name: section.name,
      preset: section.preset,
      baseUrl: googleBase(base?.text),
      dialect: section.dialect,
      keys: parts.flatMap((part) => wishOf(part, draft)),
      ...headers,
    });
    for (const part of parts) {
      keyOf(part)?.mapped(`providers.${provider}.keys`, keyNote(keyOf(part)?.text));
      part.at("base-url")?.mapped(`providers.${provider}.baseUrl`);
      if (part.tree.kind === "map") tellKeyTerms(part, provider);
      part.at("excluded-models")?.dropped("every id of the provider can be asked for");
      const prefix = part.at("prefix")?.text;
      const listed = readModels(part, provider, prefix, names, draft);
      part
        .at("prefix")
        ?.mapped("aliases", "names with the prefix; any other id is asked for as provider,model");
      if (!listed && prefix === undefined) wide.push([section.models, `${provider},*`]);
    }
  }
};

const googleBase = (url: string | undefined): string | undefined =>
  url !== undefined && /^https:\/\/generativelanguage\.googleapis\.com\/?$/.test(url)
    ? `${url.replace(/\/$/, "")}/v1beta`
    : url;

const plainHeaders = (part: Part): string =>
  JSON.stringify(
    part
      .at("headers")
      ?.entries()
      .map(([name, { text }]) => [name, text]) ?? [],
  );

const headersOf = (part: Part, provider: string, draft: Draft): { more?: Record<string, unknown> } => {
  const headers = part.at("headers");
  const entries = headers?.entries() ?? [];
  if (entries.length === 0) return {};
  const kept = entries.filter(([, { text }]) => text !== undefined && !text.startsWith("$"));
  for (const [, value] of entries) {
    if (value.text?.startsWith("$") === true) value.dropped("headers of clients are not copied");
    else value.mapped(`providers.${provider}.headers`);
  }
  return {
    more: {
      headers: Object.fromEntries(
        kept.map(([name, { text }]) => [name, headerValue(draft, provider, name, text ?? "")]),
      ),
    },
  };
};

const tellKeyTerms = (part: Part, provider: string): void => {
  part.at("weight")?.mapped(`providers.${provider}.keys[].weight`, "it counts with keyStrategy weighted");
  const proxy = part.at("proxy-url");
  if (proxy?.text !== undefined && directly.test(proxy.text))
    proxy.dropped("a key goes by its provider's way, or by a proxy of its own");
  else if (proxy?.text === undefined) proxy?.dropped("it is empty");
  else if (!isHttpProxy(proxy.text)) proxy.dropped(noSocks);
  else proxy.mapped(`providers.${provider}.keys[].proxy`);
};

/** Models with other names; true where the entry lists what it serves. */
const readModels = (
  part: Part,
  provider: string,
  prefix: string | undefined,
  names: Names,
  draft: Draft,
): boolean => {
  const models = part.at("models")?.items() ?? [];
  for (const model of models) {
    const name = model.at("name") ?? (model.tree.kind === "scalar" ? model : undefined);
    if (name?.text === undefined) continue;
    const target = `${provider},${name.text}`;
    const alias = model.at("alias");
    for (const asked of new Set([
      alias?.text ?? name.text,
      ...(prefix === undefined ? [] : [`${prefix}/${alias?.text ?? name.text}`]),
    ])) {
      const list = names.get(asked) ?? [];
      if (!list.includes(target)) names.set(asked, [...list, target]);
    }
    name.mapped(`aliases: ${target}`);
    alias?.mapped(
      "aliases",
      (names.get(alias.text ?? "")?.length ?? 0) > 1
        ? "several models of one alias: a rule, tried in order"
        : "",
    );
    const most = model.at("max-context-length");
    if (most?.number !== undefined && most.number > 0) {
      draft.models[target] = { context: most.number };
      most.mapped(`models."${target}".context`);
    }
    for (const [key, below] of model.entries())
      if (!["name", "alias", "max-context-length"].includes(key))
        below.dropped("what a model can do stands in config/models.yaml");
  }
  return models.length > 0;
};

const readCompatible = (part: Part, names: Names, draft: Draft): void => {
  const [name, base] = [part.at("name"), part.at("base-url")];
  if (part.at("disabled")?.isTrue === true) return part.dropped("it is switched off there");
  if (base?.text === undefined) return part.dropped("it has no base-url");
  const entries = [...(part.at("api-key-entries")?.items() ?? []), ...(part.at("api-keys")?.items() ?? [])];
  const keys = entries.flatMap((entry) => wishOf(entry, draft));
  const provider = draft.provider({
    name: name?.text ?? "provider",
    baseUrl: base.text,
    dialect: "openai-chat",
    keys,
    ...headersOf(part, name?.text ?? "provider", draft),
  });
  name?.mapped(`providers.${provider}`);
  base.mapped(`providers.${provider}.baseUrl`);
  part.at("disabled")?.mapped(`providers.${provider}`);
  for (const entry of entries) {
    keyOf(entry)?.mapped(`providers.${provider}.keys`, keyNote(keyOf(entry)?.text));
    if (entry.tree.kind === "map") tellKeyTerms(entry, provider);
  }
  part.at("prefix")?.mapped("aliases", "names with the prefix");
  readModels(part, provider, part.at("prefix")?.text, names, draft);
};

const strategies: Readonly<Record<string, string>> = {
  "round-robin": "round-robin",
  "weighted-round-robin": "weighted",
  "fill-first": "fill-first",
};

const readTuning = (top: Part, draft: Draft): void => {
  const strategy = top.at("routing", "strategy");
  // Its own default is round-robin; ours is fill-first.
  draft.forEveryProvider("keyStrategy", rowOf(strategies, strategy?.text ?? "round-robin") ?? "round-robin");
  strategy?.changed(
    "providers.*.keyStrategy",
    "among the keys of one provider; different providers of a rule go by its order",
  );
  const affinity = top.at("routing", "session-affinity");
  if (affinity !== undefined) {
    draft.forEveryProvider("affinity", affinity.isTrue);
    affinity.mapped("providers.*.affinity");
  }
  const retries = top.at("request-retry");
  if (retries?.number !== undefined) {
    const longest = top.at("max-retry-interval")?.number;
    draft.forEveryProvider("failures", {
      tries: Math.min(20, Math.max(1, retries.number + 1)),
      ...(longest !== undefined && longest > 0 && { wait: { longest: `${longest}s` } }),
    });
    retries.mapped("providers.*.failures.tries", "calls, the first one counted");
    if (longest !== undefined && longest > 0)
      top.at("max-retry-interval")?.mapped("providers.*.failures.wait.longest");
  }
  const proxy = top.at("proxy-url");
  if (proxy?.text !== undefined && isHttpProxy(proxy.text)) {
    draft.forEveryProvider("proxy", proxyUrl(draft, proxy.text));
    proxy.mapped("providers.*.proxy");
  } else proxy?.dropped(proxy.text === undefined || directly.test(proxy.text) ? "none, as here" : noSocks);
};

const readServer = (top: Part, draft: Draft): void => {
  const keys =
    (top.at("api-keys") ?? top.at("auth", "providers", "config-api-key", "api-keys"))?.items() ?? [];
  const kept = keys.flatMap((part) => {
    const key = part.text === undefined ? undefined : draft.clientKey(part.text);
    if (key === undefined) part.dropped("it is empty or a sample");
    else part.mapped("server.clientKeys");
    return key ?? [];
  });
  const server: Record<string, unknown> = kept.length > 0 ? { clientKeys: kept } : {};
  const [host, port] = [top.at("host"), top.at("port")];
  if (port?.number !== undefined) {
    // CLIProxyAPI itself may go on there, for its accounts.
    port.dropped("the router keeps its own port (3000): CLIProxyAPI may go on beside it for its accounts");
  }
  if (host?.text === undefined)
    host?.dropped(
      "empty is every interface there; here it is this machine alone until server.host says otherwise",
    );
  else if (kept.length > 0) {
    server["host"] = host.text;
    host.mapped("server.host");
  } else host.changed("server.host", "without keys of clients only this machine is served");
  if (Object.keys(server).length > 0) draft.sections["server"] = server;
  const debug = top.at("debug");
  if (debug?.isTrue === true) draft.sections["log"] = { level: "debug" };
  debug?.mapped("log.level");
};

const tellDropped = (top: Part): void => {
  for (const [name, part] of top.entries()) {
    const why = rowOf(droppedKeys, name);
    if (why !== undefined) part.dropped(why);
  }
  top.at("routing", "session-affinity-ttl")?.dropped("a conversation stays on its key as long as it goes on");
  const longest = top.at("max-retry-interval");
  if (longest?.isTold === false) longest.dropped("without request-retry it means nothing");
};
