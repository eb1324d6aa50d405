/** The configuration can be read. */
import { chmodSync } from "node:fs";
import { SwitchyardError, messageOf } from "../../../shared/errors.ts";
import { keysFile } from "../../../shared/paths.ts";
import { bad, type Check, ok } from "../check.ts";

export const config: Check = {
  name: "config",
  about: "your configuration, and the file of keys",
  run: ({ loaded, configProblem, env }) => {
    if (loaded !== undefined) {
      // The checkout's own files are always read.
      const tracked = /[/\\]config[/\\](?:(?:default|providers|models)\.yaml|profiles[/\\][^/\\]+)$/;
      const own = loaded.config.files.filter((file) => !file.startsWith(loaded.root) || !tracked.test(file));
      return [
        ok(own.length === 0 ? "config/default.yaml alone" : `${own.join(", ")} over config/default.yaml`),
      ];
    }
    const todo = configProblem instanceof SwitchyardError ? configProblem.hint : undefined;
    const file = keysFile(env);
    const isOpen = configProblem instanceof SwitchyardError && configProblem.code === "secrets.insecure";
    return [
      bad(
        messageOf(configProblem),
        todo,
        isOpen ? { what: `give ${file} the mode 600`, run: () => chmodSync(file, 0o600) } : undefined,
      ),
    ];
  },
};
