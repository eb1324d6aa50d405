/**
 * Where the Docker Engine may be reached, found as Docker's own client finds it: DOCKER_HOST, then the current context
 * (docs.docker.com: engine/manage-resources/contexts), then the usual place; after these the places of rootless engines,
 * Docker Desktop, Colima, OrbStack and Rancher Desktop, which need no context to be tried.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Environment } from "../shared/paths.ts";

export interface EngineAddress {
  /** As in DOCKER_HOST: `unix:///var/run/docker.sock`, `tcp://host:2376`, `ssh://user@host`, `npipe:////./pipe/docker_engine`. */
  readonly host: string;
  /** Who says so, for messages. */
  readonly from: string;
  /** Name of the context, where it comes from one: Docker's own client then finds it by itself. */
  readonly context?: string;
}

/** Text of a file, or undefined where it cannot be read. */
export type ReadFile = (file: string) => string | undefined;

const fieldOf = (value: unknown, ...path: string[]): unknown => {
  let at = value;
  for (const key of path) {
    if (typeof at !== "object" || at === null) return undefined;
    at = (at as Record<string, unknown>)[key];
  }
  return at;
};

const parse = (text: string | undefined): unknown => {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** The address in a context's own file; its folder is named by the hash of its name. */
const ofContext = (name: string, folder: string, read: ReadFile): EngineAddress | undefined => {
  const id = createHash("sha256").update(name).digest("hex");
  const host = fieldOf(
    parse(read(join(folder, "contexts", "meta", id, "meta.json"))),
    "Endpoints",
    "docker",
    "Host",
  );
  return typeof host === "string" && host !== ""
    ? { host, from: `the context '${name}'`, context: name }
    : undefined;
};

const usualPlaces = (env: Environment, home: string): EngineAddress[] =>
  [
    "/var/run/docker.sock",
    ...(env["XDG_RUNTIME_DIR"] ? [join(env["XDG_RUNTIME_DIR"], "docker.sock")] : []),
    join(home, ".docker/run/docker.sock"),
    join(home, ".docker/desktop/docker.sock"),
    join(home, ".colima/default/docker.sock"),
    join(home, ".orbstack/run/docker.sock"),
    join(home, ".rd/docker.sock"),
  ].map((path) => ({ host: `unix://${path}`, from: path }));

/**
 * The addresses to try, in order. Where the user names one (DOCKER_HOST, a context) it is the only one: another engine than the
 * one that was asked for would be a surprise.
 */
export const engineAddresses = (env: Environment, home: string, read: ReadFile): EngineAddress[] => {
  const named = env["DOCKER_HOST"];
  if (named !== undefined && named !== "") return [{ host: named, from: "DOCKER_HOST" }];
  const folder = env["DOCKER_CONFIG"] || join(home, ".docker");
  const configured =
    env["DOCKER_CONTEXT"] || fieldOf(parse(read(join(folder, "config.json"))), "currentContext");
  if (typeof configured === "string" && configured !== "" && configured !== "default") {
    return [
      ofContext(configured, folder, read) ?? {
        host: "",
        from: `the context '${configured}', which is not there`,
        context: configured,
      },
    ];
  }
  return usualPlaces(env, home);
};
