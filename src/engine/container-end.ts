/** What a user should hear whose command was ended with its container: the engine kills it without a word. */
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { endedFromOutside } from "../shared/container-layout.ts";
import { isGone } from "./engine-status.ts";

/** The status of whatever is in a container that ends. */
export const endedWithContainer = 137;

/** How long the engine may take to know that a container has ended whose command it has seen ending; in milliseconds. */
const untilKnown = 1_000;

const ended = "the container was ended, and this shell with it";

/**
 * @param status the command's exit status
 * @param memory field of the configuration that limits the container's memory
 * @returns one line, or undefined where the command ended by itself
 */
export const endUnderCommand = async (
  container: Docker.Container,
  status: number,
  memory: string,
): Promise<string | undefined> => {
  if (status !== endedWithContainer) return undefined;
  for (const deadline = Date.now() + untilKnown; Date.now() < deadline; await sleep(50)) {
    const state = await stateOf(container);
    if (state === "gone") return ended;
    if (state === undefined || state.Running) continue;
    // The engine says so of any process in it, also of one long ago; and that one's shell ends with the same status.
    if (state.OOMKilled && state.ExitCode !== endedFromOutside)
      return `the container ran out of memory; raise ${memory}`;
    // A fused container that ends with its last shell says 0.
    return state.ExitCode === 0 ? undefined : ended;
  }
  return undefined;
};

const stateOf = async (
  container: Docker.Container,
): Promise<Docker.ContainerInspectInfo["State"] | "gone" | undefined> => {
  try {
    return (await container.inspect()).State;
  } catch (error) {
    return isGone(error) ? "gone" : undefined;
  }
};
