/** `switchyard unpersist CLIENT`: takes `persist` back. */
import type { Command } from "commander";
import { findSettings } from "../clients/index.ts";
import { unpersist } from "../clients/persisted.ts";
import { configOption, loadPlace } from "../configuration.ts";
import { say } from "./command.ts";
import { persistable } from "./persist.ts";

export const configure = (command: Command): void => {
  configOption(command)
    .argument("<client>", persistable.join(", "))
    .action((name: string, options: { config?: string }) => {
      const { client, all } = findSettings(name);
      const { stateDir } = loadPlace(options, say);
      for (const settings of all) {
        const file = settings.file(process.env);
        const done = unpersist(stateDir, client.name, settings, file);
        if (done === "nothing") say(`${file} was not written by switchyard persist ${name}`);
        else if (done === "exact") say(`${file} is what it was`);
        else say(`${file} was changed since: what switchyard had written was taken out, your changes stay`);
      }
    });
};
