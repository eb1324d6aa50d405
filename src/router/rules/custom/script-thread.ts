/** The thread that runs a script. Only started by script-runner.ts. */
import { parentPort, workerData } from "node:worker_threads";
import { describeError, loadScript } from "./script-load.ts";
import {
  type FromScript,
  longestName,
  mostTargets,
  type ScriptData,
  type ToScript,
} from "./script-messages.ts";
import type { RuleScript } from "./script-types.ts";

const data = workerData as ScriptData;
const port = parentPort;
if (port === null) throw new Error("script-thread.ts runs as a worker thread only");
const say = (message: FromScript): void => port.postMessage(message);

const kindOf = (value: unknown): string => (Array.isArray(value) ? "a list" : `a ${typeof value}`);

/** @throws what is wrong with an answer: looked at here, so that a huge one never leaves this thread */
const targetsOf = (answer: unknown): string[] => {
  if (answer === null || answer === undefined || answer === "") return [];
  const all = Array.isArray(answer) ? (answer as unknown[]) : [answer];
  if (all.length > mostTargets)
    throw new TypeError(`it returned ${all.length} targets, ${mostTargets} are the most`);
  return all.map((each) => {
    if (typeof each !== "string")
      throw new TypeError(
        `it returned ${answer === each ? kindOf(each) : `a list with ${kindOf(each)} in it`}, expected "provider,model", a list of them, or null`,
      );
    if (each.length > longestName) throw new TypeError(`it returned a name of ${each.length} characters`);
    return each;
  });
};

const answer = async (script: RuleScript, message: Extract<ToScript, { ask: number }>): Promise<void> => {
  const { ask, request, config } = message;
  try {
    say({ ask, targets: targetsOf(await script(request, config)) });
  } catch (error) {
    say({ ask, failed: describeError(error, data.name) });
  }
};

const run = async (): Promise<void> => {
  try {
    const script = await loadScript(data);
    port.on("message", (message: ToScript) => {
      if ("ping" in message) say({ pong: message.ping });
      else void answer(script, message);
    });
    say({ ready: true });
  } catch (error) {
    say({ unable: describeError(error, data.name) });
  }
};
await run();
