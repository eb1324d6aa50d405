/** Which targets go on with an answer that was begun. */
import { modelInfoOf } from "../../../config/model-info.ts";
import type { Config, ProviderConfig, Target } from "../../../config/types.ts";

/**
 * Known to do so: by the provider's quirk `prefix`, or by the model's own figure. Others would begin anew behind what was said, or refuse it
 * (Anthropic's models from 4.6 on answer 400 to a conversation that ends with the assistant).
 */
export const takesPrefix = (config: Config, provider: ProviderConfig, target: Target): boolean =>
  modelInfoOf(config, target)?.prefix ?? provider.quirks.prefix !== undefined;
