/** The routers that run of this project, wherever they do, and the way to each. */
import type { Engine } from "../../engine/connect.ts";
import { askInContainer } from "../../engine/fused-router.ts";
import { observeProject } from "../../engine/stack/observe.ts";
import { hostRouters } from "../../fuse/host-runs.ts";
import { accessDir, adminHeader, readMachineSecret } from "../../shared/access-files.ts";
import type { RouterReply } from "../../shared/container-layout.ts";
import { messageOf, SwitchyardError } from "../../shared/errors.ts";
import { isJsonObject, parseJsonObject } from "../../shared/json.ts";
import { proveRouter, type Proven } from "../../shared/router-proof.ts";
import { router as routerService } from "../../stack/services/router.ts";
import { announcedRouters } from "./announced.ts";
import type { Place } from "../configuration.ts";

export interface RouterDoor {
  /** As a user knows it: `router (stack)`, `project-3f2a1c-fused-router-1`, `host shell 4711`, `127.0.0.1:3000`. */
  readonly name: string;
  readonly kind: "stack" | "fused" | "host" | "alone";
  /** Of a container. */
  readonly container?: string;
  /** Where a client of this machine reaches it; undefined: nowhere. */
  readonly url?: string;
  /** @param wait milliseconds, where it is reached by its URL */
  ask(method: "GET" | "POST" | "PUT", path: string, body?: string, wait?: number): Promise<RouterReply>;
}

/** Milliseconds; a reload reads files and starts a process. */
const patience = 30_000;

/** Who cannot show that it is a router of the project is told nothing, the machine's secret least of all: any program may have taken the port of one that ended. */
const overHttp = (url: string, secret: string | undefined): RouterDoor["ask"] => {
  let proven: Promise<Proven> | undefined;
  return async (method, path, body, wait = patience) => {
    proven ??= proveRouter(url, secret, wait).catch((error: unknown) => {
      proven = undefined;
      throw error;
    });
    if (!(await proven).ours)
      throw new SwitchyardError("router.foreign", { detail: `at ${url.replace(/^http:\/\//, "")}` });
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { ...(secret !== undefined && { [adminHeader]: secret }), "content-type": "application/json" },
      ...(body !== undefined && { body }),
      signal: AbortSignal.timeout(wait),
    });
    return { status: answer.status, body: await answer.text() };
  };
};

/** An address that is published on all interfaces is asked on loopback. */
const reachable = (address: string): string =>
  address.replace(/^(0\.0\.0\.0|\[?::\]?)(?=:\d+$)/, "127.0.0.1");

const inContainers = async (engine: Engine, { project, stateDir }: Place): Promise<RouterDoor[]> => {
  const { services, fused } = await observeProject(engine, project);
  const doors: RouterDoor[] = [];
  const stack = services.find(({ service, state }) => service === routerService.name && state === "running");
  const address = stack?.published[0];
  if (stack !== undefined && address !== undefined) {
    const url = `http://${reachable(address)}`;
    doors.push({
      name: `${routerService.name} (stack)`,
      kind: "stack",
      container: stack.container,
      url,
      ask: overHttp(url, readMachineSecret(accessDir(stateDir))),
    });
  }
  for (const { id, container, service, running } of fused) {
    if (!running || service !== "fused-router") continue;
    const ask: RouterDoor["ask"] = (method, path, body) => askInContainer(engine, id, method, path, body);
    doors.push({ name: container, kind: "fused", container: id, ask });
  }
  return doors;
};

/** What a `switchyard router` in the foreground would listen on. */
export interface OwnAddress {
  readonly host: string;
  readonly port: number;
}

const urlOf = ({ host, port }: OwnAddress): string[] =>
  port === 0 ? [] : [`http://${host.includes(":") ? `[${host}]` : host}:${port}`];

/** A router that was started by hand, where one listens there. @param told `http://H:P` */
const alone = async (told: string, secret: string | undefined): Promise<RouterDoor[]> => {
  const name = told.replace(/^http:\/\//, "");
  const url = `http://${reachable(name)}`;
  try {
    const answer = await fetch(`${url}/api/hello`, { signal: AbortSignal.timeout(1_000) });
    if (parseJsonObject(await answer.text())?.["service"] !== "switchyard") return [];
  } catch {
    // Nobody listens there, or somebody else.
    return [];
  }
  return [{ name, kind: "alone", url, ask: overHttp(url, secret) }];
};

/**
 * @param engine undefined: none answers
 * @param own undefined where the configuration cannot be read
 */
export const runningRouters = async (
  place: Place,
  engine: Engine | undefined,
  own: OwnAddress | undefined,
): Promise<RouterDoor[]> => {
  const doors = engine === undefined ? [] : await inContainers(engine, place);
  // Every router of this machine reads the same; a client key, which any program beside a client has, would not do.
  const secret = readMachineSecret(accessDir(place.stateDir));
  for (const { pid, url } of hostRouters(place.stateDir))
    doors.push({ name: `host shell ${pid}`, kind: "host", url, ask: overHttp(url, secret) });
  // The stack's router is published at the configured address.
  const configured = own === undefined || doors.some(({ kind }) => kind === "stack") ? [] : urlOf(own);
  const urls = new Set([...announcedRouters(place.stateDir), ...configured]);
  const found = await Promise.all([...urls].map((url) => alone(url, secret)));
  return [...doors, ...found.flat()];
};

/** The answer's JSON, or why there is none. */
export const answerOf = async (asked: Promise<RouterReply>): Promise<Record<string, unknown> | string> => {
  try {
    const { status, body } = await asked;
    const json = parseJsonObject(body);
    if (status === 200 && json !== undefined) return json;
    const error = json?.["error"];
    const words = isJsonObject(error) && typeof error["message"] === "string" ? error["message"] : body;
    return `${words.trim() || "no answer"} (status ${status})`;
  } catch (error) {
    return messageOf(error);
  }
};
