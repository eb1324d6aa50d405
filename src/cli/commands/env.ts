/** `switchyard env CLIENT`: what to export so that a client of this machine asks the router. */
import { Option, type Command } from "commander";
import { connect, type ConnectOptions } from "../clients/connect.ts";
import { clients, findClient } from "../clients/index.ts";
import { formats, shown, type Format } from "../clients/shells.ts";
import { configOption } from "../configuration.ts";
import { print, say } from "./command.ts";

/** Options that say which router a client is to ask, and on what profile. */
export const connectionOptions = (command: Command): Command =>
  configOption(command)
    .option("--profile <name>", "on this profile (switchyard profiles)")
    .option("--url <address>", "of the router (default: as your configuration says)");

export const configure = (command: Command): void => {
  connectionOptions(command)
    .argument("<client>", clients.map(({ name }) => name).join(", "))
    .addOption(new Option("--format <shell>", "for which shell").choices(formats).default("sh"))
    .addHelpText(
      "after",
      '\nIn this shell: eval "$(switchyard env claude)". For good: switchyard persist claude.\nWhere the router asks for a key, the client gets one of its own.',
    )
    .action(run);
};

const run = async (name: string, options: ConnectOptions & { format: Format }): Promise<void> => {
  const client = findClient(name);
  const connection = await connect(client, options, say);
  const hindrance = client.hindrance?.();
  if (hindrance !== undefined) say(hindrance);
  print(
    shown(options.format, {
      variables: client.variables(connection),
      command: client.name,
      args: client.arguments?.(connection) ?? [],
    }),
  );
};
