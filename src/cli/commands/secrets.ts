/** `switchyard secrets`: the user's keys, in one file outside of every checkout. No value is ever an argument or printed. */
import type { Command } from "commander";
import { listSecrets, setSecret, unsetSecret } from "../../config/secrets.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import { keysFile } from "../../shared/paths.ts";
import { print, say, setExitStatus } from "./command.ts";

export const configure = (command: Command): void => {
  command
    .addHelpText(
      "after",
      `\nThe file is ${keysFile(process.env)}; variables of the environment come before it.`,
    )
    .command("set")
    .summary("keep a key: asked for, or read from stdin")
    .description("Keep a key. Its value is asked for, or read from stdin when that is no terminal.")
    .argument("<name>", "variable that the configuration refers to, such as OPENROUTER_API_KEY")
    .action(set);
  command
    .command("list")
    .summary("the names of the keys")
    .description("List the names of the keys.")
    .action(list);
  command
    .command("unset")
    .summary("forget a key")
    .description("Forget a key.")
    .argument("<name>", "variable")
    .action(unset);
};

const set = async (name: string): Promise<void> => {
  const value = process.stdin.isTTY ? await ask(name) : await readAll();
  setSecret(process.env, name, value);
  say(`${name} is kept in ${keysFile(process.env)}`);
};

const list = (): void => {
  for (const name of listSecrets(process.env)) print(name);
};

const unset = (name: string): void => {
  if (unsetSecret(process.env, name)) return say(`${name} is forgotten`);
  say(`${name} is not in ${keysFile(process.env)}`);
  setExitStatus(1);
};

/** A prompt that shows no letter of what is typed. */
const ask = async (name: string): Promise<string> => {
  const { isCancel, password } = await import("@clack/prompts");
  const answer = await password({ message: `Value of ${name}`, output: process.stderr });
  if (isCancel(answer)) throw new SwitchyardError("usage.stopped");
  return answer.trim();
};

const readAll = async (): Promise<string> => {
  let text = "";
  for await (const chunk of process.stdin.setEncoding("utf8")) text += String(chunk);
  return text.trim();
};
