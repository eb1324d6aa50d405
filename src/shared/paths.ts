/** Where things lie on the user's machine: the XDG folders, and one state folder for each checkout. */
import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export type Environment = Readonly<Record<string, string | undefined>>;

/** The checkout that this program runs from. */
export const checkoutRoot = (): string => resolve(fileURLToPath(new URL("../..", import.meta.url)));

const homeOf = (env: Environment): string =>
  env["HOME"] !== undefined && env["HOME"] !== "" ? env["HOME"] : homedir();

const xdg = (env: Environment, variable: string, fallback: string): string => {
  const value = env[variable];
  // The XDG specification: a path that is not absolute is to be ignored.
  return value !== undefined && value.startsWith("/") ? value : join(homeOf(env), fallback);
};

/** `${XDG_CACHE_HOME:-~/.cache}/switchyard`: what can be fetched again. */
export const cacheDir = (env: Environment): string =>
  join(xdg(env, "XDG_CACHE_HOME", ".cache"), "switchyard");

/** `${XDG_CONFIG_HOME:-~/.config}/switchyard/keys.env`: the user's keys, read by nobody else. */
export const keysFile = (env: Environment): string =>
  join(xdg(env, "XDG_CONFIG_HOME", ".config"), "switchyard", "keys.env");

/**
 * Name of the compose project and of the state folder: the configured one, else the checkout's folder with six hex
 * digits of its path, so that two checkouts never share containers.
 */
export const projectName = (configured: string, root: string): string => {
  if (configured !== "") return configured;
  const folder = basename(root)
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, "-")
    .replace(/^[^a-z0-9]+/, "");
  return `${folder === "" ? "switchyard" : folder}-${createHash("sha256").update(root).digest("hex").slice(0, 6)}`;
};

/** The state folder: SWITCHYARD_STATE_DIR, by default `${XDG_STATE_HOME:-~/.local/state}/switchyard/<project>`. */
export const stateDir = (env: Environment, project: string): string => {
  const own = env["SWITCHYARD_STATE_DIR"];
  if (own !== undefined && own !== "") return resolve(own);
  return join(xdg(env, "XDG_STATE_HOME", join(".local", "state")), "switchyard", project);
};
