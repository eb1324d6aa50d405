/** `switchyard router`: the router in the foreground, its command line as commander checks and explains it. */
import { InvalidArgumentError, type Command } from "commander";
import { configOption } from "../configuration.ts";
import { portOf, type RouterOptions } from "../router-arguments.ts";

const portNumber = (text: string): number => {
  const port = portOf(text);
  if (port === undefined) throw new InvalidArgumentError("A port is a whole number from 0 to 65535.");
  return port;
};

/** A new option is written in ../router-arguments.ts, too. */
export const configure = (command: Command): void => {
  configOption(command)
    .option("--host <address>", "address to listen on (default: server.host)")
    .option("--port <number>", "port to listen on; 0 takes a free one (default: server.port)", portNumber)
    .option(
      "--keys-stdin",
      "read the variables of the configuration from stdin: one line, a JSON object {NAME: value}; each later line replaces them",
    )
    .option("--keys-file <file>", "read them from a file that holds such an object; a reload reads it again")
    .option("--state <folder>", "where cooldowns are kept (default: the state folder)")
    .option(
      "--access <folder>",
      "where client keys and the administrator's token are kept (default: beside the cooldowns)",
    )
    .option("--end-with-stdin", "end when stdin is closed")
    .addHelpText(
      "after",
      "\nPrints one line, `listening on http://H:P`; its log goes to stderr.\nA changed configuration is read by itself, and on SIGHUP. SIGTERM lets answers finish (server.drain), a second one does not.",
    )
    .action(async (options: RouterOptions) => (await import("../serve.ts")).serve(options));
};
