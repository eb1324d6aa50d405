/** The configuration for commands, with the option that names its file. */
import { resolve } from "node:path";
import type { Command } from "commander";
import { referencedVariables } from "../config/container.ts";
import { resolveConfig } from "../config/resolve.ts";
import { readConfigSource, type ConfigSource } from "../config/source.ts";
import type { Config } from "../config/types.ts";
import { treeAt } from "../config/tree.ts";
import { SwitchyardError } from "../shared/errors.ts";
import { stackVariables } from "./stack/cliproxyapi-key.ts";
import { checkoutRoot, projectName, stateDir } from "../shared/paths.ts";

/** Which project it is, and where it lies. */
export interface Place {
  /** The checkout. */
  readonly root: string;
  /** Name of the Switchyard project. */
  readonly project: string;
  readonly stateDir: string;
}

export interface Loaded extends Place {
  readonly config: Config;
  readonly source: ConfigSource;
  /** The user's file where one was named, as a full path. */
  readonly configFile?: string;
}

const placeOf = (configured: string): Place => {
  const root = checkoutRoot();
  const project = projectName(configured, root);
  return { root, project, stateDir: stateDir(process.env, project) };
};

const sourceOf = (options: { config?: string }, more: Readonly<Record<string, string>> = {}): ConfigSource =>
  readConfigSource({
    env: { ...process.env, ...more },
    ...(options.config !== undefined && { file: options.config }),
  });

export const configOption = (command: Command): Command =>
  command.option(
    "-c, --config <file>",
    "your configuration (default: config/switchyard.yaml of the checkout)",
  );

/** @throws SwitchyardError as `loadConfig` */
export const loadForCommand = (options: { config?: string }): Loaded => {
  const read = sourceOf(options);
  const first = resolveConfig(read);
  const place = placeOf(first.stack.project);
  const more = stackVariables(first, read, place.stateDir);
  // A provider whose only key is one of the stack's is not disabled.
  const source = Object.keys(more).length === 0 ? read : sourceOf(options, more);
  return {
    config: source === read ? first : resolveConfig(source),
    source,
    ...(options.config !== undefined && { configFile: resolve(options.config) }),
    ...place,
  };
};

const inOneLine = ({ message }: Error): string => {
  const line = message.replaceAll(/\s*\n\s*/g, "; ");
  return /[.!?]$/.test(line) ? line : `${line}.`;
};

/**
 * The project alone, for what must work while the configuration has an error: what runs is to be seen and ended all the same.
 * @param tell gets the error, one line
 * @throws SwitchyardError config.* where not even the project's name can be read
 */
export const loadPlace = (options: { config?: string }, tell: (line: string) => void): Place => {
  const source = sourceOf(options);
  const named = treeAt(source.tree, ["stack", "project"]);
  const text = named?.kind === "scalar" && typeof named.value === "string" ? named.value : "";
  try {
    return placeOf(resolveConfig(source).stack.project);
  } catch (error) {
    const isWrong = error instanceof SwitchyardError && error.code === "config.invalid";
    if (!isWrong || !/^[a-z0-9_-]*$/.test(text)) throw error;
    tell(`${inOneLine(error)} What runs is found all the same.`);
    return placeOf(text);
  }
};

/**
 * As `loadPlace`; where not even the project's name can be read, it is the one that a configuration without a name has. For what only looks.
 * @throws SwitchyardError where it is not the configuration's fault
 */
export const placeToLookAt = (options: { config?: string }, tell: (line: string) => void): Place => {
  try {
    return loadPlace(options, tell);
  } catch (error) {
    if (!(error instanceof SwitchyardError) || !error.code.startsWith("config.")) throw error;
    const place = placeOf("");
    tell(`${inOneLine(error)} What runs of the project ${place.project} is shown all the same.`);
    return place;
  }
};

/** Variables that the configuration refers to, with their values: for the router alone, never for an environment. */
export const keysOf = (source: ConfigSource): Record<string, string> =>
  Object.fromEntries(
    referencedVariables(source).flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
  );
