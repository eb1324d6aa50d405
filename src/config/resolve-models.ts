/** The figures of models: config/models.yaml with the user's own figures over it. */
import { modelInfoOf } from "./model-info.ts";
import type { PriceList } from "./price-list.ts";
import { didYouMean, type Problems } from "./problems.ts";
import type { RawModel } from "./schema.ts";
import { splitTarget } from "./targets.ts";
import { keyPositionAt, type MapTree } from "./tree.ts";
import { type ModelInfo, targetName } from "./types.ts";
import { quoted } from "./validate.ts";

const infoOf = ({ date: _date, source: _source, seller: _seller, ...figures }: RawModel): ModelInfo =>
  figures as ModelInfo;

/** The price of a known model is its seller's: to all others the rest is known. */
const putKnown = (
  put: (key: string, info: ModelInfo) => void,
  [model, row]: [string, RawModel],
  providers: ReadonlyMap<string, ModelSeller>,
): void => {
  const { seller } = row;
  const { price, ...rest } = infoOf(row);
  if (model !== "*") put(model, rest);
  if (price === undefined || seller === undefined) return;
  for (const { name, priceList } of providers.values())
    if (priceList.includes(seller)) put(targetName({ provider: name, model }), { ...rest, price });
};

/** A provider, and what is needed to find its models. */
export interface ModelSeller {
  readonly name: string;
  readonly preset: string | undefined;
  /** Its names in price lists. */
  readonly priceList: readonly string[];
}

/** The list's prices over the other figures of each model; a price that the user gave the model goes before. */
const putPrices = (
  models: Map<string, ModelInfo>,
  { sellers }: PriceList,
  own: Readonly<Record<string, RawModel>>,
  { name, priceList }: ModelSeller,
): void => {
  for (const seller of priceList)
    for (const [model, price] of Object.entries(sellers[seller] ?? {})) {
      if (own[model]?.price !== undefined) continue;
      const target = { provider: name, model };
      models.set(targetName(target), { ...modelInfoOf({ models }, target), price });
    }
};

/**
 * Figures by `provider,model` and by bare model id.
 * @param known config/models.yaml: keys are model ids, whose price is their seller's, or `preset,model` for what holds at that provider alone
 * @param list goes over the prices of `known`
 * @param own the user's: keys are model ids, or `provider,model`
 */
export const resolveModels = (
  known: Readonly<Record<string, RawModel>>,
  own: Readonly<Record<string, RawModel>>,
  providers: ReadonlyMap<string, ModelSeller>,
  tree: MapTree,
  problems: Problems,
  list?: PriceList,
): Map<string, ModelInfo> => {
  const models = new Map<string, ModelInfo>();
  const put = (key: string, info: ModelInfo): void => void models.set(key, { ...models.get(key), ...info });
  for (const row of Object.entries(known)) if (!row[0].includes(",")) putKnown(put, row, providers);
  for (const [key, model] of Object.entries(own)) {
    if (key.includes(",")) continue;
    put(key, infoOf(model));
    // Where its seller's figures are known, the user's go over them.
    for (const { name } of providers.values()) {
      const target = targetName({ provider: name, model: key });
      if (models.has(target)) put(target, infoOf(model));
    }
  }
  for (const [key, model] of Object.entries(known)) {
    const target = splitTarget(key);
    if (!target) continue;
    for (const provider of providers.values()) {
      if (provider.preset !== target.provider) continue;
      const ownOfModel = own[target.model];
      put(targetName({ provider: provider.name, model: target.model }), {
        ...models.get(target.model),
        ...infoOf(model),
        ...(ownOfModel !== undefined && infoOf(ownOfModel)),
      });
    }
  }
  if (list !== undefined) for (const provider of providers.values()) putPrices(models, list, own, provider);
  for (const [key, model] of Object.entries(own)) {
    const target = splitTarget(key);
    if (!target) continue;
    const provider = providers.get(target.provider.toLowerCase());
    if (provider) {
      const name = targetName({ provider: provider.name, model: target.model });
      put(name, { ...models.get(target.model), ...models.get(name), ...infoOf(model) });
      continue;
    }
    const names = [...providers.values()].map(({ name }) => name);
    problems.add(
      keyPositionAt(tree, ["models", key]),
      ["models"],
      `found ${quoted(key)}: there is no provider ${quoted(target.provider)}.${didYouMean(target.provider, names)} Known: ${names.join(", ")}.`,
    );
  }
  return models;
};
