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

/**
 * The variable of the key of the stack's CLIProxyAPI with its value, for the configuration to be read with; nothing where the stack has
 * none, or the user has set a key. @throws SwitchyardError state.unusable
 */
export const stackVariables = (
  config: Config,
  { lookup }: Pick<ConfigSource, "lookup">,
  stateDir: string,
): Readonly<Record<string, string>> => {
  const own = lookup(cliproxyapiKeyVariable)?.trim() ?? "";
  return config.stack.cliproxyapi.enabled && own === "" ? { [cliproxyapiKeyVariable]: keyOf(stateDir) } : {};
};
