/** Which router that runs on this machine a session on the host may share: one that would decide as the session's own. */
import { type ConfigPart, differingParts, identityOf } from "../../config/identity.ts";
import type { RouterToJoin } from "../../fuse/joined-router.ts";
import { version } from "../version.ts";
import type { Loaded } from "../configuration.ts";
import { answerOf, type RouterDoor, runningRouters } from "./doors.ts";

/** A router that does not answer must not hold up a session; in milliseconds. */
const patience = 3_000;

/** Why a router is not joined; undefined: it is the same. */
const whyNot = (
  state: Record<string, unknown> | string,
  own: ReturnType<typeof identityOf>,
): string | undefined => {
  if (typeof state === "string") return `it does not say what it runs with: ${state.split("\n", 1)[0] ?? ""}`;
  if (state["version"] !== version())
    return `its version is ${typeof state["version"] === "string" ? state["version"] : "an older one"}, this is ${version()}`;
  if (state["status"] !== "serving") return "it is ending";
  const differing: readonly ConfigPart[] = differingParts(own, state["identity"]);
  return differing.length === 0 ? undefined : `its configuration is another (${differing.join(", ")})`;
};

/**
 * The first that fits; it is said which, and why another that runs does not. Routers in fused containers are not reached from outside of them.
 * @returns undefined: the session is to start one of its own
 */
export const routerToJoin = async (
  loaded: Loaded,
  say: (line: string) => void,
): Promise<RouterToJoin | undefined> => {
  const { host, port } = loaded.config.server;
  // The stack's router is published where one that is started by hand would listen: no engine need be asked.
  const doors = await runningRouters(loaded, undefined, { host, port });
  const own = identityOf(loaded.config);
  const reached = doors.filter((door): door is RouterDoor & { url: string } => door.url !== undefined);
  const looked = await Promise.all(
    reached.map(async (door) => {
      const { name, url } = door;
      const state = await answerOf(door.ask("GET", "/api/state", undefined, patience));
      return { name, url, why: whyNot(state, own) };
    }),
  );
  const found = looked.find(({ why }) => why === undefined);
  if (found !== undefined) {
    say(`on the router of ${found.name}, which runs already (--own-router: one of its own)`);
    return { name: found.name, url: found.url };
  }
  for (const { name, why } of looked) say(`the router of ${name} is not joined: ${why ?? ""}`);
  return undefined;
};
