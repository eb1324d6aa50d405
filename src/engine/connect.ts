/** The one door to the Docker Engine: an adapter with what Switchyard needs of it, or a clear refusal. */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import Docker from "dockerode";
import { messageOf, SwitchyardError, systemCodeOf } from "../shared/errors.ts";
import type { Environment } from "../shared/paths.ts";
import { engineAddresses, type EngineAddress } from "./address.ts";

export interface Engine {
  readonly docker: Docker;
  readonly address: EngineAddress;
  /** Environment for `docker compose` and `docker buildx`, so that they talk to the same engine. */
  readonly env: NodeJS.ProcessEnv;
  /** Name of the builder that belongs to this engine itself. */
  readonly builder: string;
  /** UID 0 inside is the user outside: files of any other id would not be the caller's. */
  readonly rootless: boolean;
  readonly cpus: number;
  readonly version: string;
}

const readText = (file: string): string | undefined => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
};

const pingTimeout = 5000;

const clientFor = (address: EngineAddress): Docker => {
  if (address.host.startsWith("unix://"))
    return new Docker({ socketPath: address.host.slice("unix://".length) });
  // docker-modem reads DOCKER_HOST, DOCKER_TLS_VERIFY and DOCKER_CERT_PATH by itself.
  const url = new URL(address.host);
  if (url.protocol === "ssh:") {
    return new Docker({
      protocol: "ssh",
      host: url.hostname,
      port: Number(url.port || 22),
      ...(url.username !== "" && { username: url.username }),
    });
  }
  if (address.from === "DOCKER_HOST") return new Docker();
  return new Docker({
    protocol: url.protocol === "https:" ? "https" : "http",
    host: url.hostname,
    port: Number(url.port || 2375),
  });
};

/** Why this address does not answer, in the words of a user. */
const refusal = (error: unknown): string => {
  switch (systemCodeOf(error)) {
    case "ENOENT":
      return "not there";
    case "EACCES":
      return "permission denied (is your user in the group docker?)";
    case "ECONNREFUSED":
      return "nobody listens";
    default:
      return messageOf(error);
  }
};

const within = async <T>(promise: Promise<T>, milliseconds: number): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${milliseconds / 1000} s`)), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
};

const reach = async (address: EngineAddress, env: Environment): Promise<Engine> => {
  const docker = clientFor(address);
  await within(docker.ping(), pingTimeout);
  const info = (await docker.info()) as { NCPU?: number; SecurityOptions?: string[]; ServerVersion?: string };
  // A named context is found by Docker's client itself; an unusual socket has to be named to it.
  const named = address.context !== undefined || address.from === "DOCKER_HOST";
  return {
    docker,
    address,
    env: { ...env, ...(named ? {} : { DOCKER_HOST: address.host }) },
    builder: address.context ?? "default",
    rootless: (info.SecurityOptions ?? []).some((option) => option.includes("name=rootless")),
    cpus: info.NCPU ?? 1,
    version: info.ServerVersion ?? "",
  };
};

/** Connects to the engine. @throws SwitchyardError engine.none, naming each place that was tried and why it does not answer */
export const connect = async (env: Environment = process.env): Promise<Engine> => {
  const tried: string[] = [];
  for (const address of engineAddresses(env, env["HOME"] || homedir(), readText)) {
    try {
      return await reach(address, env);
    } catch (error) {
      const reason = refusal(error);
      // Of the places that are merely usual, one that is not there is no news.
      if (reason !== "not there" || tried.length === 0) tried.push(`${address.from}: ${reason}`);
    }
  }
  throw new SwitchyardError("engine.none", { detail: tried.join("; ") });
};
