/** Whether any of a rule's targets can be tried. Where none can, the rules behind it decide: a key that is missing must not end a turn. */
import type { Config, Target } from "../../../config/types.ts";

export const isUsable = (targets: readonly Target[], config: Config): boolean =>
  targets.some(({ provider }) => {
    const found = config.providers.get(provider);
    return found !== undefined && found.disabled === undefined;
  });
