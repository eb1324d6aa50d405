/** The key of the stack's CLIProxyAPI: what its clients send. Made once, kept until `clean`. */
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ConfigSource } from "../../config/source.ts";
import type { Config } from "../../config/types.ts";
import { messageOf, SwitchyardError, systemCodeOf } from "../../shared/errors.ts";

/** The variable that the preset `cliproxyapi` names. The user's own value of it comes before the one that is made. */
export const cliproxyapiKeyVariable = "CLIPROXYAPI_KEY";

/** Reads the key, or makes it. @throws SwitchyardError state.unusable */
const keyOf = (stateDir: string): string => {
  const file = join(stateDir, "secrets", "cliproxyapi-key");
  const read = (): string => readFileSync(file, "utf8").trim();
  try {
    try {
      return read();
    } catch (error) {
      if (systemCodeOf(error) !== "ENOENT") throw error;
    }
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    try {
      writeFileSync(file, `sk-switchyard-${randomBytes(24).toString("hex")}\n`, { mode: 0o600, flag: "wx" });
    } catch (error) {
      // Another command has made it meanwhile.
      if (systemCodeOf(error) !== "EEXIST") throw error;
    }
    return read();
  } catch (error) {
    throw new SwitchyardError("state.unusable", { detail: `${file}: ${messageOf(error)}`, cause: error });
  }
};

/** The source with the key of the stack's CLIProxyAPI among its variables, where the stack has one and the user has set none. */
export const withCliproxyapiKey = (source: ConfigSource, config: Config, stateDir: string): ConfigSource => {
  const own = source.lookup(cliproxyapiKeyVariable)?.trim() ?? "";
  if (!config.stack.cliproxyapi.enabled || own !== "") return source;
  const key = keyOf(stateDir);
  return { ...source, lookup: (name) => (name === cliproxyapiKeyVariable ? key : source.lookup(name)) };
};
