/** `stack` of the configuration, complete. Pure. */
import { dirname, resolve } from "node:path";
import type { RawConfig } from "./schema.ts";
import type { ConfigSource } from "./source.ts";
import { type MapTree, positionAt } from "./tree.ts";
import type { Limits, StackConfig } from "./types.ts";

type RawLimits = {
  memory?: string | undefined;
  cpus?: string | number | undefined;
  pids?: number | undefined;
};

const limits = (given: RawLimits | undefined, otherwise: Limits): Limits => ({
  memory: given?.memory ?? otherwise.memory,
  cpus: String(given?.cpus ?? otherwise.cpus),
  pids: given?.pids ?? otherwise.pids,
});

/** Versions that were withdrawn from PyPI; the first two carried foreign code. */
const withdrawn = ["1.82.7", "1.82.8", "1.100.0"];

const isUsableLitellm = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return (major > 1 || (major === 1 && minor >= 84)) && !withdrawn.includes(version);
};

/** A path of the user's, as seen from the file that it stands in. */
const besideItsFile = (
  path: string,
  source: ConfigSource,
  tree: MapTree,
  keys: readonly string[],
): string => {
  const { file } = positionAt(tree, keys);
  const full = source.files.find((each) => each === file || each.endsWith(`/${file}`)) ?? file;
  return resolve(dirname(full), path);
};

export const resolveStack = (raw: RawConfig, source: ConfigSource, tree: MapTree): StackConfig => {
  const given = raw.stack ?? {};
  const version = given.litellm?.version ?? "1.102.4";
  if (!isUsableLitellm(version)) {
    const path = ["stack", "litellm", "version"];
    source.problems.add(
      positionAt(tree, path),
      path,
      `LiteLLM ${version} cannot be used; take 1.84.0 or later, and none of ${withdrawn.join(", ")}, which were withdrawn.`,
    );
  }
  const config = given.litellm?.config ?? "";
  const cliproxyapi = given.cliproxyapi?.config ?? "";
  if (cliproxyapi !== "" && given.cliproxyapi?.enabled === true) {
    const path = ["stack", "cliproxyapi", "config"];
    source.problems.add(
      positionAt(tree, path),
      path,
      "it names a CLIProxyAPI of your own, and `enabled: true` has the stack run another one; keep one of the two.",
    );
  }
  return {
    project: given.project ?? "",
    runtime: given.runtime ?? "auto",
    client: {
      version: given.client?.version ?? "2.1.329",
      ...limits(given.client, { memory: "4g", cpus: "2", pids: 2048 }),
    },
    router: limits(given.router, { memory: "1g", cpus: "2", pids: 256 }),
    litellm: {
      version,
      port: given.litellm?.port ?? 4000,
      config: config === "" ? "" : besideItsFile(config, source, tree, ["stack", "litellm", "config"]),
      clientKey: (given.litellm?.clientKey ?? "").trim(),
      ...limits(given.litellm, { memory: "2g", cpus: "2", pids: 512 }),
    },
    cliproxyapi: {
      enabled: given.cliproxyapi?.enabled ?? false,
      version: given.cliproxyapi?.version ?? "6.9.16",
      port: given.cliproxyapi?.port ?? 8317,
      fetchModels: given.cliproxyapi?.fetchModels ?? false,
      config:
        cliproxyapi === ""
          ? ""
          : besideItsFile(cliproxyapi, source, tree, ["stack", "cliproxyapi", "config"]),
      ...limits(given.cliproxyapi, { memory: "1g", cpus: "2", pids: 256 }),
    },
    ollama: {
      enabled: given.ollama?.enabled ?? false,
      version: given.ollama?.version ?? "0.12.6",
      port: given.ollama?.port ?? 11_434,
      contextLength: given.ollama?.contextLength ?? 65_536,
      ...limits(given.ollama, { memory: "", cpus: "", pids: 512 }),
    },
    observability: {
      enabled: given.observability?.enabled ?? false,
      grafanaPort: given.observability?.grafanaPort ?? 3001,
    },
    fused: limits(given.fused, { memory: "4g", cpus: "2", pids: 2048 }),
  };
};
