/** The figures of models: config/models.yaml with the user's own figures over it. */
import { didYouMean, type Problems } from "./problems.ts";
import type { RawModel } from "./schema.ts";
import { splitTarget } from "./targets.ts";
import { keyPositionAt, type MapTree } from "./tree.ts";
import { type ModelInfo, targetName } from "./types.ts";
import { quoted } from "./validate.ts";

const infoOf = ({ date: _date, source: _source, ...figures }: RawModel): ModelInfo => figures as ModelInfo;

/**
 * Figures by `provider,model` and by bare model id.
 * @param known config/models.yaml: keys are model ids, or `preset,model` for what holds at that provider alone
 * @param own the user's: keys are model ids, or `provider,model`
 */
export const resolveModels = (
  known: Readonly<Record<string, RawModel>>,
  own: Readonly<Record<string, RawModel>>,
  providers: ReadonlyMap<string, { readonly name: string; readonly preset: string | undefined }>,
  tree: MapTree,
  problems: Problems,
): Map<string, ModelInfo> => {
  const models = new Map<string, ModelInfo>();
  const put = (key: string, info: ModelInfo): void => void models.set(key, { ...models.get(key), ...info });
  for (const [key, model] of Object.entries(known)) if (!key.includes(",")) put(key, infoOf(model));
  for (const [key, model] of Object.entries(own)) if (!key.includes(",")) put(key, infoOf(model));
  for (const [key, model] of Object.entries(known)) {
    const target = splitTarget(key);
    if (!target) continue;
    for (const provider of providers.values()) {
      if (provider.preset !== target.provider) continue;
      put(targetName({ provider: provider.name, model: target.model }), {
        ...models.get(target.model),
        ...infoOf(model),
      });
    }
  }
  for (const [key, model] of Object.entries(own)) {
    const target = splitTarget(key);
    if (!target) continue;
    const provider = providers.get(target.provider.toLowerCase());
    if (provider) {
      put(targetName({ provider: provider.name, model: target.model }), {
        ...models.get(target.model),
        ...infoOf(model),
      });
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
