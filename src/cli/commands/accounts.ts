/** `switchyard accounts`: the accounts behind CLIProxyAPI, the stack's own or one that the user runs. No token is ever printed. */
import { confirm, isCancel } from "@clack/prompts";
import { type Command, InvalidArgumentError } from "commander";
import { SwitchyardError } from "../../shared/errors.ts";
import { removeAccount, writePriority } from "../accounts/change.ts";
import { type Account, findAccount, readAccounts, rulePriority } from "../accounts/files.ts";
import { loginFlows } from "../accounts/flows.ts";
import { login, type LoginOptions } from "../accounts/login.ts";
import { type AccountsOptions, accountsPlace } from "../accounts/place.ts";
import { setUpOwn } from "../accounts/setup.ts";
import { configOption } from "../configuration.ts";
import { cliproxyapiKeyVariable } from "../stack/cliproxyapi-key.ts";
import { table } from "../ui/table.ts";
import { print, say, setExitStatus } from "./command.ts";

const priorityNumber = (text: string): number => {
  if (!/^-?\d{1,6}$/.test(text))
    throw new InvalidArgumentError("It is a whole number; larger ones go first.");
  return Number(text);
};

const options = (command: Command): Command =>
  configOption(command).option(
    "--config-file <file>",
    "config.yaml of a CLIProxyAPI that you run yourself (default: stack.cliproxyapi.config, else the stack's own)",
  );

export const configure = (command: Command): void => {
  options(command.command("login"))
    .summary("log in to an account: codex, claude, gemini, …")
    .description(
      `Log in to an account, and give it its priority. Kinds: ${Object.keys(loginFlows).join(", ")}.`,
    )
    .argument("<kind>", "what it is an account of")
    .option("--device", "codex: by a code that you type in at the provider's, on any device")
    .option("--project <id>", "gemini: the Google Cloud project")
    .option("--program <file>", "the CLIProxyAPI that you run yourself (default: found in the PATH)")
    .option("--no-browser", "with a CLIProxyAPI of your own: print the address, open no browser")
    .action(logIn);
  options(command.command("list"))
    .summary("the accounts, in the order in which they are asked")
    .option("--json", "print them as JSON")
    .action(list);
  options(command.command("priority"))
    .summary("set an account's priority, or those of all: Plus 100, Pro 0")
    .description(
      "Set an account's priority; larger ones go first. Without a name: those whose name or plan is plus get 100, pro 0, and others keep theirs.",
    )
    .argument("[name]", "the account, or a part of its name")
    .argument("[priority]", "a whole number", priorityNumber)
    .action(prioritize);
  options(command.command("remove"))
    .summary("delete an account's file; asks before")
    .argument("<name>", "the account, or a part of its name")
    .option("-y, --yes", "do not ask")
    .action(remove);
  options(command.command("setup"))
    .summary("put the settings of a CLIProxyAPI that you run right, in its own file")
    .option("--dry-run", "print what would change")
    .action(setUp);
  configOption(command.command("key"))
    .summary("print the key that the stack's CLIProxyAPI takes")
    .description(
      `Print the key that the stack's CLIProxyAPI takes, for programs of this machine. The stack's router has it already; others read it as ${cliproxyapiKeyVariable}.`,
    )
    .action(key);
};

const priorityText = ({ priority, oldPriority }: Account): string =>
  oldPriority === undefined ? String(priority) : `${priority} (old versions: ${oldPriority})`;

const stateText = ({ disabled, problem }: Account): string =>
  problem === undefined ? (disabled ? "disabled" : "") : `left out: ${problem}`;

const accountsTable = (accounts: readonly Account[]): string =>
  table([
    ["ACCOUNT", "TYPE", "PLAN", "PRIORITY", ""],
    ...accounts.map((each) => [each.name, each.type, each.plan, priorityText(each), stateText(each)]),
  ]);

const list = (given: AccountsOptions & { json?: boolean }): void => {
  const { folder } = accountsPlace(given);
  const accounts = readAccounts(folder);
  if (given.json === true) return print(JSON.stringify(accounts, null, 2));
  if (accounts.length === 0)
    return say(`there is no account in ${folder} yet: switchyard accounts login codex`);
  print(accountsTable(accounts));
};

const logIn = async (kind: string, given: AccountsOptions & LoginOptions): Promise<void> => {
  const added = await login(accountsPlace(given), kind, given);
  if (added.length === 0) {
    say("no account was added");
    return setExitStatus(1);
  }
  print(accountsTable(added));
};

const prioritize = async (
  name: string | undefined,
  priority: number | undefined,
  given: AccountsOptions,
): Promise<void> => {
  const accounts = readAccounts(accountsPlace(given).folder);
  if (name !== undefined && priority === undefined)
    throw new SwitchyardError("usage.invalid", {
      detail: `no priority is given for '${name}'`,
      hint: "switchyard accounts priority NAME 100; larger ones go first.",
    });
  const wanted =
    name === undefined
      ? accounts
          .filter(({ problem }) => problem === undefined)
          .map((each) => ({ each, to: rulePriority(each) }))
      : [{ each: findAccount(accounts, name), to: priority }];
  for (const { each, to } of wanted) {
    if (to === undefined)
      say(`${each.name} keeps ${each.priority}: neither its name nor its plan is plus or pro`);
    else if (each.priority === to && each.prioritySet) say(`${each.name} has ${to}`);
    else {
      await writePriority(each, to);
      say(`${each.name} is set to ${to}${each.priority === to ? "" : ` (it was ${each.priority})`}`);
    }
  }
  if (wanted.length === 0) say("there is no account yet: switchyard accounts login codex");
};

const remove = async (name: string, given: AccountsOptions & { yes?: boolean }): Promise<void> => {
  const account = findAccount(readAccounts(accountsPlace(given).folder), name);
  if (given.yes !== true) {
    if (!process.stdin.isTTY)
      throw new SwitchyardError("usage.invalid", {
        detail: "remove asks before it deletes, and there is no terminal to ask on",
        hint: "Add --yes. Nothing was deleted.",
      });
    const answer = await confirm({
      message: `Delete ${account.file}? To have it again you log in again.`,
      initialValue: false,
      output: process.stderr,
    });
    if (isCancel(answer) || !answer) {
      say("nothing was deleted");
      return setExitStatus(1);
    }
  }
  await removeAccount(account);
  say(`${account.name} is removed; the login itself ends at its provider`);
};

const setUp = (given: AccountsOptions & { dryRun?: boolean }): void => {
  const { own } = accountsPlace(given);
  if (own === undefined) return say("the stack's own has all settings already: they are generated");
  const { changes, backup } = setUpOwn(own, given.dryRun === true);
  if (changes.length === 0) return say(`${own.file} is as it should be`);
  for (const change of changes) print(change);
  say(backup === undefined ? "nothing was written" : `written; as it was: ${backup}`);
};

const key = (given: { config?: string }): void => {
  const { loaded, own } = accountsPlace(given);
  const value = own === undefined ? loaded.source.lookup(cliproxyapiKeyVariable) : undefined;
  if (value === undefined)
    throw new SwitchyardError("usage.invalid", {
      detail: "the CLIProxyAPI is one of your own",
      hint: `Its keys are \`api-keys\` of ${own?.file ?? "its config.yaml"}.`,
    });
  print(value.trim());
};
