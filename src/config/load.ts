/** The configuration, from files and environment to what the program runs on. */
import { resolveConfig } from "./resolve.ts";
import { type LoadOptions, readConfigSource } from "./source.ts";
import type { Config } from "./types.ts";

export type { LoadOptions } from "./source.ts";

/**
 * Reads config/default.yaml, the user's file over it, presets, models and keys.
 * @throws SwitchyardError config.invalid (every error at once, each with file, line and column), config.unreadable,
 *   secrets.insecure, secrets.invalid
 */
export const loadConfig = (options: LoadOptions): Config => resolveConfig(readConfigSource(options));
