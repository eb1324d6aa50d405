/** How each backend is started inside its fused container. Keys come over stdin and stand in no environment and on no command line. */
import { randomBytes } from "node:crypto";
import type { Backend, BackendName } from "../shared/backends.ts";
import {
  backendDir,
  backendKeysFile,
  clientKeyVariable,
  type Handover,
  routerStateDir,
} from "../shared/container-layout.ts";
import { nodeFlags } from "../shared/node-flags.ts";
import { sessionKeyVariable } from "../shared/session-key.ts";
import { node } from "./container-identity.ts";

interface ContainerBackend {
  /** Variables by which it learns of the client's key. */
  readonly clientKey: readonly string[];
  /** Takes its keys from `backendKeysFile`, where a reload can replace them; else from its stdin. */
  readonly keysFile: boolean;
  /** Command line. @param configFile the backend's own copy of its configuration */
  readonly command: (configFile: string, port: number) => readonly string[];
  /** Variables of its environment beside the usual ones. None is a secret. */
  readonly env: Readonly<Record<string, string>>;
}

const containerBackends: Readonly<Record<BackendName, ContainerBackend>> = {
  router: {
    clientKey: [clientKeyVariable, sessionKeyVariable],
    keysFile: true,
    command: (configFile, port) => [
      ...node,
      ...nodeFlags,
      "/opt/switchyard/src/cli/main.ts",
      "router",
      "--config",
      configFile,
      "--host",
      "0.0.0.0",
      "--port",
      String(port),
      "--keys-file",
      backendKeysFile,
      "--state",
      routerStateDir,
    ],
    env: {},
  },
  litellm: {
    clientKey: [clientKeyVariable],
    keysFile: false,
    command: (configFile, port) => [
      "/opt/litellm/venv/bin/python",
      "/opt/litellm/start.py",
      "--config",
      configFile,
      "--port",
      String(port),
    ],
    // /tmp is the client's, too.
    env: { TMPDIR: backendDir, PYTHONUNBUFFERED: "1", PYTHONDONTWRITEBYTECODE: "1" },
  },
};

/** A key that nobody can guess. */
export const makeKey = (): string => `sy-${randomBytes(24).toString("hex")}`;

export interface BackendStart {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Variables with their values, as JSON: one line for its stdin, or the text of `backendKeysFile`. */
  readonly stdin?: string;
  readonly keysFile?: string;
  /** What the client has to send. */
  readonly clientKey: string;
}

/** What starts `backend` with what the host handed over. */
export const backendStart = (
  backend: Pick<Backend, "name" | "port">,
  handover: Pick<Handover, "keys" | "clientKey">,
  configFile: string,
): BackendStart => {
  const { command, env, keysFile, clientKey: variables } = containerBackends[backend.name];
  const clientKey = handover.clientKey ?? (handover.keys[clientKeyVariable] || makeKey());
  const given = Object.entries(handover.keys).map(([name, value]) => [name, value || makeKey()]);
  const own = variables.map((name) => [name, clientKey] as const);
  const text = JSON.stringify(Object.fromEntries([...given, ...own]));
  const start = { command: command(configFile, backend.port), env, clientKey };
  return keysFile ? { ...start, keysFile: text } : { ...start, stdin: text };
};
