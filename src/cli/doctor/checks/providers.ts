/** Each provider answers one small question, with each of its keys. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../../../shared/errors.ts";
import { checkoutRoot } from "../../../shared/paths.ts";
import { readText } from "../../../shared/text-file.ts";
import { keysOf } from "../../configuration.ts";
import { probeProviders, probesOf } from "../../probe/providers.ts";
import { bad, type Check, note, ok } from "../check.ts";

export const providers: Check = {
  name: "providers",
  about: "one small question to each provider: key, model, time",
  online: true,
  run: async ({ loaded }) => {
    if (loaded === undefined) return [];
    const file = loaded.configFile ?? join(checkoutRoot(), "config", "switchyard.yaml");
    const text = existsSync(file) ? readText(file) : "";
    try {
      const results = await probeProviders(text, keysOf(loaded.source), probesOf(loaded.config));
      return results.map(({ provider, model, took, problem, badKeys }) => {
        if (problem !== undefined)
          return bad(
            `${provider} does not answer (${model}): ${problem}`,
            "A key that is refused: switchyard secrets set NAME. A model that is not known: correct the route.",
          );
        if (badKeys.length > 0)
          return note(
            `${provider} answers (${model}, ${took} ms), but not with: ${badKeys.join(", ")}`,
            "Take those keys out of the configuration, or give them new values.",
          );
        return ok(`${provider} answers (${model}, ${took} ms)`);
      });
    } catch (error) {
      return [bad(messageOf(error))];
    }
  },
};
