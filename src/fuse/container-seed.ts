/** Seeds the client's settings in its home. Runs as the client's user: the folder is the client's, and may hold links. */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { clientConfigDir, workspaceDir } from "../shared/container-layout.ts";
import { systemCodeOf } from "../shared/errors.ts";
import { seedClientRecord, seedSettings, type ClientOptions } from "./client-settings.ts";

const readIfThere = async (file: string): Promise<string | undefined> => {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return undefined;
    throw error;
  }
};

/** Written beside and renamed: a client that reads at this moment sees the old file or the new one. */
const replace = async (file: string, text: string | undefined): Promise<void> => {
  if (text === undefined) return;
  await writeFile(`${file}.switchyard`, text, { mode: 0o600 });
  await rename(`${file}.switchyard`, file);
};

/** Answers the dialogs of a first start, and leaves what the user changed since as it is. */
export const seedHome = async (configDir = clientConfigDir, workspace = workspaceDir): Promise<void> => {
  const options: ClientOptions = { baseUrl: "", key: "", configDir, passthrough: false, isolated: true };
  await mkdir(configDir, { recursive: true, mode: 0o700 });
  const settings = join(configDir, "settings.json");
  const record = join(configDir, ".claude.json");
  await replace(settings, seedSettings(await readIfThere(settings), options));
  await replace(record, seedClientRecord(await readIfThere(record), workspace));
};
