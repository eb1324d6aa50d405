/** `switchyard export litellm|ccr`: the configuration in another tool's form, and what does not survive. */
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { didYouMean } from "../../config/problems.ts";
import { resolveConfig } from "../../config/resolve.ts";
import { readConfigSource, type ConfigSource } from "../../config/source.ts";
import { SwitchyardError, systemCodeOf } from "../../shared/errors.ts";
import { configOption } from "../configuration.ts";
import { keyVariables } from "../export/common.ts";
import { exporters } from "../export/index.ts";
import { notesTable } from "../import/show.ts";
import { print, say } from "./command.ts";

interface Options {
  config?: string;
  output?: string;
  force?: boolean;
  json?: boolean;
}

export const configure = (command: Command): void => {
  configOption(command)
    .argument("<tool>", exporters.map(({ name }) => name).join(" or "))
    .option("--output <file>", "write a file; without it the text goes to stdout, and the report to stderr")
    .option("--force", "write over a file that is there")
    .option("--json", "print text and report as JSON")
    .addHelpText("after", "\nKeys stay references to variables; none is written.")
    .action(run);
};

/** With a text in the place of keys that are not set: what is exported does not depend on the keys of this machine. */
const sourceOf = (options: Options): ConfigSource => {
  const given = options.config === undefined ? {} : { file: options.config };
  const read = readConfigSource({ env: process.env, ...given });
  const unset = keyVariables(read).filter((name) => (read.lookup(name) ?? "") === "");
  const stand = Object.fromEntries(unset.map((name) => [name, `unset-${name}`]));
  return readConfigSource({ env: { ...process.env, ...stand }, ...given });
};

const run = (tool: string, options: Options): void => {
  const exporter = exporters.find(({ name }) => name === tool);
  if (exporter === undefined) {
    const names = exporters.map(({ name }) => name);
    throw new SwitchyardError("usage.invalid", {
      detail: `${tool}: there is no such export.${didYouMean(tool, names)} Known: ${names.join(", ")}`,
    });
  }
  const source = sourceOf(options);
  const { text, notes } = exporter.make(resolveConfig(source), source);
  if (options.output !== undefined) writeNew(resolve(options.output), text, options.force === true);
  if (options.json === true) return print(JSON.stringify({ tool, notes, text }, undefined, 2));
  process.stderr.write(`${notesTable(notes)}\n`);
  if (options.output === undefined) print(text);
  else say(`${options.output} is written; its keys are references to variables of the environment`);
};

/** @throws SwitchyardError usage.invalid where the file is there, or cannot be written */
const writeNew = (file: string, text: string, force: boolean): void => {
  if (existsSync(file) && !force)
    throw new SwitchyardError("usage.invalid", {
      detail: `${file} is there already`,
      hint: "--force writes over it.",
    });
  try {
    writeFileSync(file, text, { mode: 0o600 });
    chmodSync(file, 0o600);
  } catch (error) {
    throw new SwitchyardError("usage.invalid", {
      detail: `${file} cannot be written (${systemCodeOf(error) ?? "unknown"})`,
      hint: "Name another file.",
      cause: error,
    });
  }
};
