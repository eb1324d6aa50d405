/** `switchyard import FILE|DIR`: takes over the configuration of another tool, and says of everything in it what became of it. */
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { readTracked } from "../../config/preset-list.ts";
import type { Config } from "../../config/types.ts";
import { readKeysFile, setSecret } from "../../config/secrets.ts";
import { accessDir } from "../../shared/access-files.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import { checkoutRoot, keysFile, projectName, stateDir } from "../../shared/paths.ts";
import { configOption } from "../configuration.ts";
import { importConfiguration, importers, type Imported } from "../import/index.ts";
import { plan, type Planned, write } from "../import/write.ts";
import { findingsTable, summary } from "../import/show.ts";
import { diffLines } from "../ui/diff.ts";
import { print, say, setExitStatus } from "./command.ts";

interface Options {
  config?: string;
  from?: string;
  write?: boolean;
  output?: string;
  force?: boolean;
  yes?: boolean;
  keys: boolean;
  dryRun?: boolean;
  json?: boolean;
}

export const configure = (command: Command): void => {
  configOption(command)
    .argument("<place>", "the other tool's configuration file, or the folder that it lies in")
    .option(
      "--from <kind>",
      `what it is, where its content does not tell: ${importers.map(({ kind }) => kind).join(", ")}`,
    )
    .option("--write", "write your configuration (or the file of --config)")
    .option("--output <file>", "write this file instead")
    .option("--force", "give keys that are in your configuration already the new values")
    .option("--no-keys", "keep no key: set the variables yourself")
    .option("-y, --yes", "keep the keys that are found without asking")
    .option("-n, --dry-run", "write nothing, and show the difference")
    .option("--json", "print what was found as JSON")
    .addHelpText(
      "after",
      `\nIt reads:\n${importers.map(({ title, where }) => `  ${title}: ${where}`).join("\n")}\n\nWithout --write or --output nothing is written. Keys go to ${keysFile(process.env)}, never into the configuration.`,
    )
    .action(run);
};

const run = async (place: string, options: Options): Promise<void> => {
  if (options.write === true && options.output !== undefined)
    throw new SwitchyardError("usage.invalid", {
      detail: "--write and --output name two files",
      hint: "Give one of them.",
    });
  const kept = readKeysFile(keysFile(process.env));
  const imported = importConfiguration(place, {
    kind: options.from,
    tracked: readTracked(),
    lookup: (name) => process.env[name] ?? kept.get(name),
  });
  const file = options.output ?? options.config ?? resolve(checkoutRoot(), "config", "switchyard.yaml");
  const isWritten = (options.write === true || options.output !== undefined) && options.dryRun !== true;
  let planned: Planned | undefined;
  let backup: string | undefined;
  let done = false;
  try {
    if (options.json !== true) tellFindings(imported);
    planned = plan(imported, place, file, process.env);
    if (options.json !== true) tellPlan(imported, planned);
    if (isWritten) {
      refuseToReplace(planned, options.force === true);
      const kept = await keepKeys(imported, options);
      if (!kept) setExitStatus(1);
      else if (planned.before !== planned.after) {
        backup = write(planned, backupsOf(planned.config), Date.now());
        done = true;
      }
    }
  } catch (error) {
    if (options.json === true && error instanceof SwitchyardError)
      print(asJson(imported, planned, { done, backup, error }));
    throw error;
  }
  if (options.json === true) return print(asJson(imported, planned, { done, backup }));
  if (done) {
    if (backup !== undefined) say(`the file before is kept as ${backup}`);
    if (!options.keys && imported.draft.secrets.length > 0)
      say(
        `set ${imported.draft.secrets.map(({ name }) => name).join(", ")} yourself: switchyard secrets set NAME`,
      );
    say(
      `${planned.file} is written; try it: switchyard doctor, switchyard route FILE, switchyard shell router`,
    );
  } else if (!isWritten)
    say("nothing was written; --write writes your configuration, --output FILE another file");
};

/** Where the dashboard keeps the versions before, too. */
const backupsOf = ({ stack }: Config): string =>
  join(accessDir(stateDir(process.env, projectName(stack.project, checkoutRoot()))), "config-backups");

const tellFindings = (imported: Imported): void => {
  print(findingsTable(imported.findings));
  print("");
  print(summary(imported));
  if (imported.draft.secrets.length > 0)
    print(`keys: ${imported.draft.secrets.map(({ name }) => name).join(", ")} (to ${keysFile(process.env)})`);
};

const tellPlan = (imported: Imported, planned: Planned): void => {
  // Of providers that the import is not about nothing needs to be said here.
  const others = [...planned.config.providers.keys()].filter(
    (name) => !imported.draft.providerNames.includes(name),
  );
  for (const notice of planned.config.notices)
    if (!others.some((name) => notice.startsWith(`Provider ${name} is disabled`))) say(notice);
  print("");
  if (planned.before === undefined) return print(planned.after);
  const lines = diffLines(planned.before, planned.after);
  print(
    lines.length === 0 ? `${planned.file} says all of it already` : `${planned.file}\n${lines.join("\n")}`,
  );
};

/** @throws SwitchyardError usage.invalid */
const refuseToReplace = ({ file, replaced }: Planned, force: boolean): void => {
  if (replaced.length === 0 || force) return;
  throw new SwitchyardError("usage.invalid", {
    detail: `${file} says something else of ${replaced.slice(0, 12).join(", ")}${replaced.length > 12 ? ` and ${replaced.length - 12} more` : ""}`,
    hint: "--force gives them the new values (the file before is kept), --output FILE writes another file.",
  });
};

/**
 * Puts the keys where `switchyard secrets set` puts them, once the user agrees.
 * @returns false where the user does not
 * @throws SwitchyardError usage.invalid where nobody can be asked
 */
const keepKeys = async ({ draft }: Imported, options: Options): Promise<boolean> => {
  const { secrets } = draft;
  if (secrets.length === 0 || !options.keys) return true;
  if (options.yes !== true) {
    if (!process.stdin.isTTY)
      throw new SwitchyardError("usage.invalid", {
        detail: `${secrets.map(({ name }) => name).join(", ")} would be kept in ${keysFile(process.env)}, and nobody can be asked`,
        hint: "--yes keeps them; --no-keys keeps none.",
      });
    const { confirm, isCancel } = await import("@clack/prompts");
    const answer = await confirm({
      message: `Keep ${secrets.map(({ name }) => name).join(", ")} in ${keysFile(process.env)}?`,
      output: process.stderr,
    });
    if (isCancel(answer) || !answer) {
      say("nothing was written; --no-keys writes the configuration without keys");
      return false;
    }
  }
  for (const { name, value } of secrets) setSecret(process.env, name, value);
  return true;
};

const asJson = (
  imported: Imported,
  planned: Planned | undefined,
  end: { done: boolean; backup: string | undefined; error?: SwitchyardError },
): string =>
  JSON.stringify(
    {
      kind: imported.importer.kind,
      tool: imported.importer.title,
      findings: imported.findings,
      keys: imported.draft.secrets.map(({ name }) => name),
      profiles: [...imported.draft.profiles.keys()],
      unread: imported.unread,
      file: planned?.file ?? null,
      replaced: planned?.replaced ?? [],
      configuration: planned?.after ?? null,
      written: end.done,
      backup: end.backup ?? null,
      error: end.error?.message ?? null,
    },
    undefined,
    2,
  );
