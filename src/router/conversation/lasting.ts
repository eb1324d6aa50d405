/**
 * What a session sends again with every turn (its messages, its tools) is one and the same object here from turn to turn, where `BodyMemory` knew it. What is made
 * of such an object alone can be kept with it, and goes when it goes.
 *
 * Nobody may change an object that lasts, nor what was made of it.
 */
import type { ModelInfo, ProviderConfig } from "../../config/types.ts";

const lasting = new WeakSet<object>();

export const isLasting = (part: object): boolean => lasting.has(part);

/** From now on what is made of these is kept. */
export const makeLast = (parts: Iterable<unknown>): void => {
  for (const part of parts) if (typeof part === "object" && part !== null) lasting.add(part);
};

/** What was made of each part that lasts, the last time. */
export class Kept<Value> {
  readonly #by = new WeakMap<object, { readonly with: readonly unknown[]; readonly value: Value }>();

  /**
   * @param part what the value is made of
   * @param beside what else decides the value; equal to `===`
   * @returns what `make` gives, or gave for the same before; of a part that does not last, always made anew
   */
  of(part: object, beside: readonly unknown[], make: () => Value): Value {
    if (!lasting.has(part)) return make();
    const before = this.#by.get(part);
    if (before !== undefined && isSame(before.with, beside)) return before.value;
    const value = make();
    this.#by.set(part, { with: beside, value });
    return value;
  }
}

/** Parts of another form that were made of a part that lasts: they last as long. */
export class KeptParts<Part extends object> {
  readonly #kept = new Kept<readonly Part[]>();

  /** As `Kept.of`. */
  of(part: object, beside: readonly unknown[], make: () => readonly Part[]): readonly Part[] {
    return this.#kept.of(part, beside, () => {
      const parts = make();
      if (lasting.has(part)) makeLast(parts);
      return parts;
    });
  }
}

const isSame = (one: readonly unknown[], other: readonly unknown[]): boolean =>
  one.length === other.length && one.every((each, i) => each === other[i]);

/** Who the parts are encoded for. Every `DialectContext` is one. */
export interface Encoding {
  readonly provider: ProviderConfig;
  readonly model: string;
  readonly info: ModelInfo | undefined;
}

/** What the last requests of a provider were encoded for: the figures of a model are put together anew for each request. */
const infos = new WeakMap<ProviderConfig, Map<string, { info: ModelInfo | undefined; text: string }>>();
/** Models of a provider that are remembered; a target `provider,*` has as many as its clients name. */
const mostModels = 64;

/** All that decides how a part is encoded for a model: the same values as long as the configuration is the same. */
export const encodingOf = ({ provider, model, info }: Encoding): readonly unknown[] => {
  let models = infos.get(provider);
  if (models === undefined || models.size > mostModels) infos.set(provider, (models = new Map()));
  const known = models.get(model);
  if (known?.info === info && known !== undefined) return [provider, model, known.text];
  const text = JSON.stringify(info) ?? "";
  models.set(model, { info, text });
  return [provider, model, text];
};
