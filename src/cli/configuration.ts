/** The configuration for commands, with the option that names its file. */
import { resolve } from "node:path";
import type { Command } from "commander";
import { referencedVariables } from "../config/container.ts";
import { resolveConfig } from "../config/resolve.ts";
import { readConfigSource, type ConfigSource } from "../config/source.ts";
import type { Config } from "../config/types.ts";
import { checkoutRoot, projectName, stateDir } from "../shared/paths.ts";

export interface Loaded {
  readonly config: Config;
  readonly source: ConfigSource;
  /** The user's file where one was named, as a full path. */
  readonly configFile?: string;
  /** The checkout. */
  readonly root: string;
  /** Name of the Switchyard project. */
  readonly project: string;
  readonly stateDir: string;
}

export const configOption = (command: Command): Command =>
  command.option(
    "-c, --config <file>",
    "your configuration (default: config/switchyard.yaml of the checkout)",
  );

/** @throws SwitchyardError as `loadConfig` */
export const loadForCommand = (options: { config?: string }): Loaded => {
  const root = checkoutRoot();
  const source = readConfigSource({
    env: process.env,
    ...(options.config !== undefined && { file: options.config }),
  });
  const config = resolveConfig(source);
  const project = projectName(config.stack.project, root);
  return {
    config,
    source,
    ...(options.config !== undefined && { configFile: resolve(options.config) }),
    root,
    project,
    stateDir: stateDir(process.env, project),
  };
};

/** Variables that the configuration refers to, with their values: for the router alone, never for an environment. */
export const keysOf = (source: ConfigSource): Record<string, string> =>
  Object.fromEntries(
    referencedVariables(source).flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
  );
