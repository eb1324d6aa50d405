/** The control CLI's start, and the one place where an error becomes words and an exit status. */
import { explain } from "./errors.ts";
import { runProgram } from "./program.ts";

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
  await runProgram(process.argv.slice(2));
} catch (error) {
  fail(error);
}
