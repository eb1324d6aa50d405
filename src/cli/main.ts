/** The control CLI's start, and the one place where an error becomes words and an exit status. */
import { startLoader } from "../config/load-apart.ts";
import { explain } from "./errors.ts";
import { plainRouterOptions } from "./router-arguments.ts";

const fail = (thrown: unknown): void => {
  const { text, status } = explain(thrown, (process.env["SWITCHYARD_DEBUG"] ?? "") !== "");
  process.stderr.write(text);
  process.exitCode = status;
};

// `switchyard … | head` closes our stdout early: that is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});
process.on("uncaughtException", (error) => {
  fail(error);
  process.exit();
});

try {
  const argv = process.argv.slice(2);
  const router = plainRouterOptions(argv);
  // Only what is asked for is loaded: the router serves for days without the libraries of the other commands.
  if (router !== undefined) {
    // Where keys come through stdin the configuration is always read anew: the longest part of the start, before anything else.
    const loader = router.keysStdin === true ? startLoader() : undefined;
    await (await import("./serve.ts")).serve(router, loader);
  } else if (argv.length === 1 && argv[0] === "statusline") {
    // Run several times a minute for each session: without the libraries of the command line.
    await (await import("../fuse/status-line.ts")).main();
  } else await (await import("./program.ts")).runProgram(argv);
} catch (error) {
  fail(error);
}
