/** The process that load-apart.ts starts: options on stdin, the configuration on stdout, and it ends. */
import { closeSync, readFileSync, writeSync } from "node:fs";
import { serialize } from "node:v8";
import { SwitchyardError } from "../shared/errors.ts";
import { keeper } from "./kept-config.ts";
import type { LoadAnswer } from "./load-apart.ts";
import { loadConfig } from "./load.ts";
import type { LoadOptions } from "./source.ts";

const answerTo = (options: LoadOptions): LoadAnswer => {
  try {
    return { config: loadConfig(options) };
  } catch (error) {
    if (!(error instanceof SwitchyardError)) throw error;
    const { code, detail, hint } = error;
    return { error: { code, hint, ...(detail !== undefined && { detail }) } };
  }
};

// Waits without an event loop; where the parent dies first, its end of the pipe is closed, and there is nothing to do.
const request = readFileSync(0, "utf8");
if (request !== "") {
  const { options, keep } = keeper(JSON.parse(request) as LoadOptions);
  const answer = answerTo(options);
  const bytes = serialize(answer);
  for (let written = 0; written < bytes.length;) written += writeSync(1, bytes, written);
  // The parent goes on with this; it need not wait for our end.
  closeSync(1);
  if ("config" in answer) keep(answer.config);
}
// At once: to take the heap apart would take 10 ms of a processor that the router's start needs.
process.exit(0);
