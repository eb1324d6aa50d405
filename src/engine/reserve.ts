/** Keeps a place in a fused container for the shell that comes next, and waits until its backend is ready. */
import { randomUUID } from "node:crypto";
import { listenForSignals } from "../shared/signals.ts";
import type { Engine } from "./connect.ts";
import { engineStatusOf } from "./engine-status.ts";
import { fusedMain } from "./fused-main.ts";
import { captureIn, signalIn } from "./terminal.ts";

/**
 * Whoever is ended while it waits (Ctrl-C, while LiteLLM starts) takes back what it asked for: else the container would wait for
 * a shell that never comes, and the next one would find it with the configuration of before. Ends this process as the signal would.
 * @returns what ends the listening
 */
const takenBackOnSignal = (takeBack: () => Promise<unknown>): (() => void) => {
  const stop = listenForSignals(["SIGINT", "SIGTERM", "SIGHUP"], (signal) => {
    stop();
    void takeBack().finally(() => process.kill(process.pid, signal));
  });
  return stop;
};

/**
 * @param say takes a line now and then while it takes long
 * @returns the status of the image's `reserve`, and what it said of a failure
 */
export const reserve = async (
  engine: Engine,
  id: string,
  say: (line: string) => void,
): Promise<{ status: number; output: string }> => {
  const container = engine.docker.getContainer(id);
  const session = randomUUID();
  let takenBack = false;
  const stop = takenBackOnSignal(() => {
    takenBack = true;
    return signalIn(container, session, "SIGTERM");
  });
  try {
    const outcome = await captureIn(container, [...fusedMain, "reserve", `--session=${session}`], say);
    // The signal ends this process: nothing of its consequences is a failure to tell.
    return takenBack ? await new Promise<never>(() => undefined) : outcome;
  } catch (error) {
    // 409: it ended between our look and our knock.
    if (engineStatusOf(error) === 409) return { status: 1, output: "" };
    throw error;
  } finally {
    stop();
  }
};
