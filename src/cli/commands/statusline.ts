/** `switchyard statusline`: one line for Claude Code's `statusLine` setting. main.ts runs it without this, which is for its help and for wrong use. */
import type { Command } from "commander";

const help = `
Reads from stdin what Claude Code gives a status line, and asks the router that ANTHROPIC_BASE_URL names. In a settings.json of Claude Code:
  "statusLine": { "type": "command", "command": "switchyard statusline", "refreshInterval": 15 }`;

export const configure = (command: Command): void => {
  command.addHelpText("after", help).action(async () => (await import("../../fuse/status-line.ts")).main());
};
