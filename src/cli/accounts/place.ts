/** Which CLIProxyAPI `switchyard accounts` is about: the stack's own, or one that the user runs. */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { readCliproxyapi } from "../../config/cliproxyapi-file.ts";
import { messageOf, SwitchyardError } from "../../shared/errors.ts";
import { type Loaded, loadForCommand } from "../configuration.ts";

export interface AccountsPlace {
  readonly loaded: Loaded;
  /** Its accounts, a file each. */
  readonly folder: string;
  /** The configuration of the user's own; undefined for the stack's. */
  readonly own?: { readonly file: string; readonly text: string };
}

export interface AccountsOptions {
  readonly config?: string;
  readonly configFile?: string;
}

/** @throws SwitchyardError config.unreadable, config.invalid */
const ownPlace = (loaded: Loaded, file: string): AccountsPlace => {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new SwitchyardError("config.unreadable", {
      detail: `CLIProxyAPI's configuration: ${messageOf(error)}`,
      hint: "Name its config.yaml: --config-file, or stack.cliproxyapi.config.",
      cause: error,
    });
  }
  const { authDir } = readCliproxyapi(text, file);
  if (authDir === "")
    throw new SwitchyardError("config.invalid", {
      detail: `${file}: auth-dir is not set`,
      hint: 'It says where the accounts lie; usual is auth-dir: "~/.cli-proxy-api".',
    });
  // As CLIProxyAPI reads it (ResolveAuthDir): only a beginning `~` is the home.
  const folder = authDir.startsWith("~")
    ? join(process.env["HOME"] || homedir(), authDir.slice(1))
    : resolve(dirname(file), authDir);
  return { loaded, folder, own: { file, text } };
};

/**
 * @throws SwitchyardError usage.invalid where none is configured; config.*
 */
export const accountsPlace = (options: AccountsOptions): AccountsPlace => {
  const loaded = loadForCommand(options);
  const { enabled, config } = loaded.config.stack.cliproxyapi;
  const own = options.configFile === undefined ? config : resolve(options.configFile);
  if (own !== "") return ownPlace(loaded, own);
  if (enabled) return { loaded, folder: join(loaded.stateDir, "cliproxyapi") };
  throw new SwitchyardError("usage.invalid", {
    detail: "no CLIProxyAPI is configured",
    hint: "Set stack.cliproxyapi.enabled: true, or name the config.yaml of one that you run: --config-file FILE.",
  });
};
