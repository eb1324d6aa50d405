/** Waiting in the middle of a turn, for as long as the client does. */
import type { Reply } from "./reply.ts";

/** Timers end up to a millisecond before the clock says so: what rests until then would be found resting still, and be given up. */
const early = 2;

/** @returns false where the client went away meanwhile */
export const pause = (reply: Pick<Reply, "aborted" | "onAbort">, milliseconds: number): Promise<boolean> =>
  new Promise((resolve) => {
    if (reply.aborted) {
      resolve(false);
      return;
    }
    const end = (stays: boolean): void => {
      clearTimeout(timer);
      reply.onAbort = undefined;
      resolve(stays);
    };
    const timer = setTimeout(() => end(true), milliseconds + early);
    const gone = (): void => end(false);
    reply.onAbort = gone;
  });
