/** The list of commands, in the order of the help. A new one is a file beside this and a line here. */
import type { CommandEntry } from "./command.ts";

export const commands: readonly CommandEntry[] = [
  {
    name: "shell",
    summary: "open a shell, or run one command, with Claude Code on the models of your configuration",
    load: () => import("./shell.ts"),
  },
  { name: "router", summary: "run the router alone, in the foreground", load: () => import("./router.ts") },
];
