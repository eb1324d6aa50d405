/** What is known of the model of a target. Apart from how it is read: the router asks this, and holds no YAML or schema. */
import { type Config, type ModelInfo, type Target, targetName } from "./types.ts";

/** A price belongs to who asks for it: it does not go over to another seller of the same model. */
const withoutPrice = ({ price: _price, ...rest }: ModelInfo): ModelInfo => rest;

/**
 * Names under which a model may be known whose id has a seller's prefix (`x-ai/`, `us.anthropic.`), a variant (`:free`), a version of the seller's
 * (`-v2:0`), a date, or dots where its maker writes hyphens.
 */
const otherNames = (model: string): string[] => {
  const tail = model.slice(model.lastIndexOf("/") + 1).replace(/:[a-z]+$/, "");
  const plain = tail
    .toLowerCase()
    .replace(/^(?:[a-z]+\.)+/, "")
    .replace(/-v\d+(?::\d+)?$/, "")
    .replace(/[-@](?:latest|\d{8}|\d{4}-\d{2}-\d{2})$/, "");
  return [tail, plain, plain.replaceAll(".", "-")].filter((name) => name !== model);
};

const dateAtEnd = /[-@](?:\d{8}|\d{4}-\d{2}-\d{2})$/;

/** What is asked: the figures, and where quirks of providers are to count, those. */
type Known = Pick<Config, "models"> & Partial<Pick<Config, "providers">>;

/**
 * What is known of a target: its own figures, else those of the model id, over those of the id without its date where its provider names
 * models so (`claude-sonnet-4-5-20250929`); else (without the price) those of the model behind a seller's name for it, such as
 * `x-ai/grok-4.1-fast`; and what holds for every model of the provider.
 */
export const modelInfoOf = (config: Known, target: Target): ModelInfo | undefined => {
  const found = foundIn(config);
  const name = targetName(target);
  if (found.has(name)) return found.get(name);
  const info = ofModel(config, target);
  const every = config.models.get(targetName({ provider: target.provider, model: "*" }));
  const all = every === undefined ? info : { ...every, ...info };
  // Behind a target `provider,*` clients may name whatever they like.
  if (found.size >= mostFound) found.clear();
  found.set(name, all);
  return all;
};

interface Found {
  readonly providers: Known["providers"];
  readonly infos: Map<string, ModelInfo | undefined>;
}

/** What was asked for before, which is asked for several times in each turn: a configuration never changes. By its models, which its profiles share with it. */
const remembered = new WeakMap<Known["models"], Found>();
const mostFound = 1_000;

const foundIn = ({ models, providers }: Known): Found["infos"] => {
  const known = remembered.get(models);
  if (known !== undefined && known.providers === providers) return known.infos;
  const infos: Found["infos"] = new Map();
  remembered.set(models, { providers, infos });
  return infos;
};

const rowOf = ({ models }: Known, target: Target): ModelInfo | undefined =>
  models.get(targetName(target)) ?? models.get(target.model);

/** The row of the id without its date, where that is the same model at the same price. */
const undated = (config: Known, { provider, model }: Target): ModelInfo | undefined => {
  if (config.providers?.get(provider)?.quirks.datedIds !== true || !dateAtEnd.test(model)) return undefined;
  return rowOf(config, { provider, model: model.replace(dateAtEnd, "") });
};

const ofModel = (config: Known, target: Target): ModelInfo | undefined => {
  const direct = rowOf(config, target);
  const same = undated(config, target);
  if (same !== undefined) return { ...same, ...direct };
  if (direct !== undefined) return direct;
  for (const name of otherNames(target.model)) {
    const behind = config.models.get(name);
    if (behind !== undefined) return withoutPrice(behind);
  }
  return undefined;
};
