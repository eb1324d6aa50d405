/** `switchyard doctor`: looks at what a shell needs, and says what to do where something is missing. */
import type { Command } from "commander";
import { configOption } from "../configuration.ts";
import { checks, type Finding } from "../doctor.ts";
import { print, setExitStatus } from "./command.ts";

export const configure = (command: Command): void => {
  configOption(command)
    .option("--json", "print the findings as JSON")
    .addHelpText("after", "\nExit status 1 where something must be done before a shell can work.")
    .action(run);
};

const marks = { ok: "✓", note: "!", bad: "✗" } as const;

const run = async (options: { config?: string; json?: boolean }): Promise<void> => {
  const findings = await checks(options.config);
  print(options.json === true ? JSON.stringify(findings, null, 2) : findings.map(show).join("\n"));
  if (findings.some(({ state }) => state === "bad")) setExitStatus(1);
};

const show = ({ about, state, found, todo }: Finding): string =>
  `${marks[state]} ${about.padEnd(8)} ${found.replaceAll("\n", "\n           ")}${todo === undefined ? "" : `\n           → ${todo}`}`;
