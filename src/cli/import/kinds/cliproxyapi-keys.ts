/** Keys of CLIProxyAPI and the models that they serve: each address becomes a provider, each name an alias or a rule. */
import type { Draft } from "../draft.ts";
import type { KeyWish } from "../draft-types.ts";
import { headerValue, proxyUrl } from "../secret-values.ts";
import type { Part } from "../report.ts";
import { isHttpProxy, keyNote, noSocks } from "../texts.ts";

/** A section of keys of one kind of provider. */
interface Section {
  readonly name: string;
  readonly preset: string;
  readonly dialect: "gemini" | "anthropic" | "openai-responses" | "openai-chat";
  /** Models that it serves where it lists none. */
  readonly models: string;
}

/** By the name of the list. */
export const sections: Readonly<Record<string, Section>> = {
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

/** Targets by the name that clients ask for, in the order of the file. */
export type Names = Map<string, string[]>;

/** An entry as a map, or in the old form the key alone. */
const keyOf = (part: Part): Part | undefined => (part.tree.kind === "scalar" ? part : part.at("api-key"));

/** A proxy's address that means none. */
export const directly = /^(?:direct|none)$/i;

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

/**
 * A list of keys of one kind.
 * @param wide patterns of names, each with the target that serves it
 */
export const readSection = (
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
      baseUrl: section.dialect === "gemini" ? googleBase(base?.text) : base?.text,
      dialect: section.dialect,
      keys: parts.flatMap((part) => wishOf(part, draft)),
      ...headers,
    });
    for (const part of parts) {
      const note = keyNote(keyOf(part)?.text);
      keyOf(part)?.mapped(
        `providers.${provider}.keys`,
        section.dialect === "gemini" ? `${note}; the client's max_tokens is sent along` : note,
      );
      part.at("base-url")?.mapped(`providers.${provider}.baseUrl`);
      if (part.tree.kind === "map") tellKeyTerms(part, provider);
      part.at("excluded-models")?.dropped("every id of the provider can be asked for");
      const prefix = part.at("prefix")?.text;
      const listed = readModels(part, provider, prefix, names, draft);
      part
        .at("prefix")
        ?.mapped("aliases", "names with the prefix; any other id is asked for as provider,model");
      if (listed || prefix !== undefined) continue;
      wide.push([section.models, `${provider},*`]);
      part.besides(`rules: ${section.models}`, "every id of that form, not those of its catalogue alone");
    }
  }
};

/** It puts the version behind the address of any host (internal/runtime/executor/gemini_executor.go: `%s/%s/models/%s:%s`). */
const googleBase = (url: string | undefined): string | undefined =>
  url === undefined ? undefined : `${url.replace(/\/+$/, "")}/v1beta`;

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
    const renamed = alias?.text !== undefined && alias.text !== name.text;
    name.mapped(`aliases: ${target}`, renamed ? "it is asked for by its own id as well" : "");
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

/** An entry of openai-compatibility: a provider with its keys. */
export const readCompatible = (part: Part, names: Names, draft: Draft): void => {
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
