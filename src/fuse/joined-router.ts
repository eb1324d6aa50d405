/** A session that shares a router which runs already, under a key of its own; and what becomes of it when that router ends. */
import { setTimeout as sleep } from "node:timers/promises";
import { accessDir, readMachineSecret } from "../shared/access-files.ts";
import { proveRouter } from "../shared/router-proof.ts";
import { addSessionKey, dropSessionKey } from "../shared/session-keys.ts";
import { makeKey } from "./host-backends.ts";
import { isRunning } from "./process-tree.ts";
import { startRelay } from "./relay.ts";

/** A router of this machine that decides as the session's own would. */
export interface RouterToJoin {
  /** As a user knows it: `127.0.0.1:3000`, `host shell 4711`. */
  readonly name: string;
  readonly url: string;
}

export interface JoinedRouter {
  /** Stable address for the client. */
  readonly url: string;
  /** What the client has to send; a router that is started in the place of the joined one must take it, too. */
  readonly key: string;
  /** Ends the relay, and takes the key back. */
  leave(): Promise<void>;
}

/** A router that is stopped takes connections and answers none, in milliseconds. */
const silence = 5_000;

/** True where what listens there is a router of the project that takes turns; any program may have taken the port of one that ended. */
export const servesTurns = async (url: string, stateDir: string): Promise<boolean> => {
  try {
    return (await proveRouter(url, readMachineSecret(accessDir(stateDir)), silence)).ready;
  } catch {
    return false;
  }
};

/** Routers look at the file of keys once a second; in milliseconds. */
const patience = 5_000;

const isTaken = async (url: string, key: string): Promise<boolean> => {
  for (const end = Date.now() + patience; Date.now() < end;) {
    const answer = await fetch(`${url}/v1/models`, {
      headers: { "x-switchyard-key": key },
      signal: AbortSignal.timeout(patience),
    });
    await answer.arrayBuffer();
    if (answer.ok) return true;
    await sleep(100);
  }
  return false;
};

/**
 * @param next starts a router in the place of the joined one, for the key @returns undefined where the router does not take the key
 * @throws SwitchyardError state.unusable
 */
export const joinRouter = async (
  router: RouterToJoin,
  stateDir: string,
  next: (key: string) => Promise<string>,
): Promise<JoinedRouter | undefined> => {
  const folder = accessDir(stateDir);
  const key = makeKey();
  const serves = (url: string): Promise<boolean> => servesTurns(url, stateDir);
  await addSessionKey(folder, key, isRunning);
  const takeBack = (): Promise<void> => dropSessionKey(folder, key);
  try {
    if ((await serves(router.url)) && (await isTaken(router.url, key))) {
      const relay = await startRelay(router.url, serves, () => next(key));
      return {
        url: relay.url,
        key,
        leave: async () => {
          await relay.close();
          await takeBack();
        },
      };
    }
  } catch {
    // It ended just now, or answers nobody.
  }
  await takeBack();
  return undefined;
};
