/** `switchyard persist CLIENT`: the router in the client's own settings, until `unpersist`. */
import type { Command } from "commander";
import { connect, type ConnectOptions } from "../clients/connect.ts";
import { clients, findSettings } from "../clients/index.ts";
import { persist } from "../clients/persisted.ts";
import { loadPlace } from "../configuration.ts";
import { say } from "./command.ts";
import { connectionOptions } from "./env.ts";

/** Clients with settings of their own. */
export const persistable: readonly string[] = clients
  .filter(({ settings }) => settings !== undefined)
  .map(({ name }) => name);

export const configure = (command: Command): void => {
  connectionOptions(command)
    .argument("<client>", persistable.join(", "))
    .addHelpText("after", "\nThe file as it was is kept; back: switchyard unpersist CLIENT.")
    .action(run);
};

const run = async (name: string, options: ConnectOptions): Promise<void> => {
  const { client, all } = findSettings(name);
  const connection = await connect(client, options, say);
  const { stateDir } = loadPlace(options, say);
  for (const settings of all) {
    const file = settings.file(process.env);
    const done = persist(stateDir, client.name, settings, file, (text) => settings.put(text, connection));
    if (!done.changed) say(`${file} says so already`);
    else {
      say(`${file} leads ${client.title} to ${connection.baseUrl}; what it was is kept in ${done.backup}`);
      if (settings.note !== undefined) say(settings.note);
    }
  }
};
