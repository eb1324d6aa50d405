/** Brings the configuration of this machine to every router of the project that runs. */
import type { Engine } from "../../engine/connect.ts";
import { reloadInContainer } from "../../engine/fused-router.ts";
import { secretsFor } from "../../engine/handover.ts";
import { writeSecretFiles } from "../../engine/stack/atomic.ts";
import { readConnections } from "../../engine/stack/connections.ts";
import { backends } from "../../shared/backends.ts";
import type { RouterReply } from "../../shared/container-layout.ts";
import { isJsonObject } from "../../shared/json.ts";
import { routerSecrets } from "../../stack/services/router.ts";
import type { Loaded } from "../configuration.ts";
import { stackSecrets } from "../stack/secrets.ts";
import { alone, openStack } from "../stack/stack.ts";
import { answerOf, type RouterDoor } from "./doors.ts";

/** What came of one router. */
export interface ReloadResult {
  readonly name: string;
  /** What it said; undefined: it refused, or does not answer. */
  readonly outcome?: "reloaded" | "unchanged";
  readonly needsRestart: readonly string[];
  readonly problem?: string;
}

/** The stack's router reads a folder that is mounted into it: its files are replaced, then it is asked to look. */
const reloadStack = async (loaded: Loaded, door: RouterDoor): Promise<RouterReply> => {
  const stack = await openStack(loaded);
  return alone(stack, async () => {
    const { files } = stackSecrets(loaded, await readConnections(stack.files.connections), process.env);
    const ours = [...files].filter(([name]) => name.startsWith(`${routerSecrets}/`));
    const undo = await writeSecretFiles(stack.files, new Map(ours));
    const reply = await door.ask("POST", "/api/reload");
    if (reply.status !== 200) await undo();
    return reply;
  });
};

const reloadFused = (loaded: Loaded, engine: Engine, container: string): Promise<RouterReply> => {
  const { config, source } = loaded;
  return reloadInContainer(engine, container, secretsFor(config, source, process.env, backends.router));
};

/** What a router answers. */
type Answer = Readonly<Record<string, unknown>>;

const revisionOf = ({ configuration }: Answer): unknown =>
  isJsonObject(configuration) ? configuration["revision"] : undefined;

/**
 * Has a router look at what `bring` gives it. A router in a container sees that by itself as well, and may have taken it before it is asked to: then its own answer, that nothing has
 * changed, is not what its user wants to know.
 * @returns its answer, or in words why there is none
 */
export const broughtTo = async (
  door: RouterDoor,
  bring: () => Promise<RouterReply>,
): Promise<Answer | string> => {
  const before = await answerOf(door.ask("GET", "/api/state"));
  if (typeof before === "string") return before;
  const answer = await answerOf(bring());
  if (typeof answer === "string" || revisionOf(answer) === revisionOf(before)) return answer;
  return { ...answer, outcome: "reloaded" };
};

const reloadOne = (
  loaded: Loaded,
  engine: Engine | undefined,
  door: RouterDoor,
): Promise<Answer | string> => {
  const { kind, container } = door;
  if (kind === "stack") return broughtTo(door, () => reloadStack(loaded, door));
  if (kind === "fused" && engine !== undefined && container !== undefined)
    return broughtTo(door, () => reloadFused(loaded, engine, container));
  return answerOf(door.ask("POST", "/api/reload"));
};

const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : [];

/** One after the other. Never throws for what a router says. */
export const reloadRouters = async (
  loaded: Loaded,
  engine: Engine | undefined,
  doors: readonly RouterDoor[],
): Promise<ReloadResult[]> => {
  const results: ReloadResult[] = [];
  for (const door of doors) {
    const { name } = door;
    const answer = await reloadOne(loaded, engine, door);
    if (typeof answer === "string") {
      results.push({ name, needsRestart: [], problem: answer });
      continue;
    }
    const { configuration } = answer as { configuration?: { needsRestart?: unknown } };
    const outcome = answer["outcome"] === "unchanged" ? "unchanged" : "reloaded";
    results.push({ name, outcome, needsRestart: strings(configuration?.needsRestart) });
  }
  return results;
};
