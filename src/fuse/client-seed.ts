/**
 * Answers the dialogs of the client's first start, in its folder, and leaves what the user changed since as it is. In the
 * container it runs as the client's user: the folder is the client's, and may hold links.
 */
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readIfThere } from "../shared/files.ts";
import { routerCommandFile, seedRouterCommand } from "./router-command.ts";
import { seedClientRecord, seedSettings, type ClientOptions, type SeedOptions } from "./client-settings.ts";

/** Written beside and renamed: a client that reads at this moment sees the old file or the new one. */
const replace = async (
  file: string,
  change: (current: string | undefined) => string | undefined,
): Promise<void> => {
  const text = change(await readIfThere(file));
  if (text === undefined) return;
  const beside = `${file}.${process.pid}`;
  await writeFile(beside, text, { mode: 0o600 });
  await rename(beside, file);
};

/** @param workspace the folder that the client is to trust, as the client names it; @param models as for `seedClientRecord` */
export const seedClient = async (
  client: Pick<ClientOptions, "configDir"> & SeedOptions,
  workspace: string,
  models?: readonly string[],
): Promise<void> => {
  await mkdir(client.configDir, { recursive: true, mode: 0o700 });
  await replace(join(client.configDir, "settings.json"), (current) => seedSettings(current, client));
  await mkdir(dirname(join(client.configDir, routerCommandFile)), { recursive: true });
  await replace(join(client.configDir, routerCommandFile), seedRouterCommand);
  await replace(join(client.configDir, ".claude.json"), (current) =>
    seedClientRecord(current, workspace, models),
  );
};
