/** What is known of the model of a target. Apart from how it is read: the router asks this, and holds no YAML or schema. */
import { type Config, type ModelInfo, type Target, targetName } from "./types.ts";

/** A price belongs to who asks for it: it does not go over to another seller of the same model. */
const withoutPrice = ({ price: _price, ...rest }: ModelInfo): ModelInfo => rest;

/**
 * What is known of a target: its own figures, else those of the model id, else (without the price) those of the id behind
 * a seller's prefix, such as `x-ai/grok-4.1-fast`.
 */
export const modelInfoOf = (config: Pick<Config, "models">, target: Target): ModelInfo | undefined => {
  const direct = config.models.get(targetName(target)) ?? config.models.get(target.model);
  if (direct) return direct;
  const tail = target.model.slice(target.model.lastIndexOf("/") + 1).replace(/:[a-z]+$/, "");
  const behind = tail === target.model ? undefined : config.models.get(tail);
  return behind && withoutPrice(behind);
};
