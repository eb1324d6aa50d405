/** The status line's script as it is laid where the client runs: in containers, and beside the client's own folder on the host. */
import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { managedSettingsDir } from "../shared/container-layout.ts";
import type { JsonObject } from "../shared/json.ts";
import { quoteWord } from "./shell-start.ts";

/** Of the file, and what a command of ours is known by. */
export const statusLineName = "switchyard-statusline.mjs";

/** The one module that the line's own stands on: both become one file. */
const dollarsModule = "../shared/dollars.ts";

/** JavaScript that prints one line and ends: Node would take longer to strip the types each time than for all the rest. */
export const statusLineScript = (): string => {
  const sourceOf = (file: string): string => readFileSync(new URL(file, import.meta.url), "utf8");
  const line = sourceOf("status-line.ts").replace(`import { dollars } from "${dollarsModule}";\n`, "");
  return `${stripTypeScriptTypes(`${sourceOf(dollarsModule)}\n${line}`)}\nawait main();\n`;
};

/** Seconds after which the client asks again where nothing happened: a switch and turns of others show by that. */
const refreshInterval = 15;

/** The client's `statusLine` setting. @param command a line of a shell */
const settingOf = (command: string): JsonObject => ({ type: "command", command, refreshInterval });

/** Where Node is in PATH, and the script beside the managed settings. */
export const containerStatusLine = settingOf(`node ${managedSettingsDir}/${statusLineName}`);

/** @param file the script's path */
export const hostStatusLine = (file: string): JsonObject =>
  settingOf(`${quoteWord(process.execPath)} ${quoteWord(file)}`);
