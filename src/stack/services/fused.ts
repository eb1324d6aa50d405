/** Claude Code and what serves its models in one container, supervised by src/fuse/container.ts: the same for every backend. */
import type { Config } from "../../config/types.ts";
import type { Backend } from "../../shared/backends.ts";
import {
  clientHome,
  gidVariable,
  handoverSecret,
  labels,
  managedSettingsDir,
  routerStateDir,
  uidVariable,
  workspaceDir,
} from "../../shared/container-layout.ts";
import type { ComposeDocument, ComposeService } from "../document.ts";
import type { Placement } from "../placement.ts";
import { graceOf, limitsOf, logRotation } from "./common.ts";
import type { StackDefinition } from "./service.ts";

export interface FusedDefinition {
  readonly backend: Backend;
  readonly purpose: string;
  /** Build arguments of images/<fusedService>/Dockerfile: the images that it is made from. */
  readonly parents: (placement: Placement) => Record<string, string>;
}

/**
 * What the supervisor needs of root, and nothing else. The client gets none of these:
 * its set and its bounding set are empty (src/fuse/container-identity.ts).
 */
const capabilities = [
  "CHOWN", // gives one volume to the client, the other and the closed folders to the backend's user
  "DAC_READ_SEARCH", // reads the secret files, which belong to the caller
  "KILL", // ends the backend, which runs under a user of its own
  "SETGID",
  "SETPCAP", // empties the client's bounding set
  "SETUID",
];

/** Name of the compose project: containers of two backends may run side by side. @param project of the workspace */
export const fusedProjectOf = (backend: Pick<Backend, "projectSuffix">, project: string): string =>
  `${project}${backend.projectSuffix}`;

const service = (definition: FusedDefinition, config: Config, placement: Placement): ComposeService => {
  const { backend, parents } = definition;
  const { fusedService, configSecret, port, readyPath } = backend;
  return {
    image: `switchyard/${fusedService}:${placement.tag}`,
    build: {
      context: placement.context,
      dockerfile: `images/${fusedService}/Dockerfile`,
      network: "host",
      args: parents(placement),
    },
    // For the prompt: a container's id says nothing.
    hostname: "switchyard",
    init: true,
    // The supervisor alone is root; every shell is the caller's own user (or a root without capabilities, where the caller is root).
    user: "0:0",
    working_dir: workspaceDir,
    environment: { [uidVariable]: placement.uid, [gidVariable]: placement.gid },
    secrets: [
      { source: configSecret, target: configSecret },
      { source: handoverSecret, target: handoverSecret },
    ],
    volumes: [
      { type: "bind", source: placement.workspace, target: workspaceDir, bind: { create_host_path: false } },
      { type: "volume", source: "client", target: clientHome },
      ...(backend.keepsState
        ? [{ type: "volume", source: backend.name, target: routerStateDir } as const]
        : []),
    ],
    tmpfs: ["/tmp:exec,mode=1777", "/run:mode=755", `${managedSettingsDir}:mode=755`],
    ports: [{ target: port, host_ip: "127.0.0.1", published: placement.port, protocol: "tcp" }],
    extra_hosts: ["host.docker.internal:host-gateway"],
    healthcheck: {
      test: [
        "CMD",
        "curl",
        "-fsS",
        "-o",
        "/dev/null",
        "--noproxy",
        "*",
        `http://127.0.0.1:${port}${readyPath}`,
      ],
      interval: "30s",
      timeout: "5s",
      retries: 3,
      start_period: `${backend.patience / 1000}s`,
    },
    read_only: true,
    cap_drop: ["ALL"],
    cap_add: capabilities,
    security_opt: ["no-new-privileges:true"],
    ...limitsOf(config.stack.fused, placement.maxCpus),
    // The container lives as long as its shells.
    restart: "no",
    stop_grace_period: backend.drains ? graceOf(config.server.drain, 20) : "10s",
    logging: logRotation,
    labels: {
      [labels.project]: placement.owner,
      [labels.service]: fusedService,
      [labels.workspace]: placement.workspace,
      [labels.config]: placement.configHash,
    },
  };
};

/** The document of a fused container. */
export const fusedStack = (definition: FusedDefinition): StackDefinition => {
  const { backend, purpose } = definition;
  const secretFile = (name: string, placement: Placement): [string, { file: string }] => [
    name,
    { file: `${placement.secrets}/${name}` },
  ];
  const document = (config: Config, placement: Placement): ComposeDocument => ({
    name: fusedProjectOf(backend, placement.project),
    services: { [backend.fusedService]: service(definition, config, placement) },
    networks: { default: { labels: { [labels.project]: placement.owner } } },
    volumes: {
      client: {
        // One home for a workspace, whatever serves its models: `claude --continue` finds the session again.
        ...(backend.projectSuffix !== "" && { name: `${placement.project}_client` }),
        labels: { [labels.project]: placement.owner },
      },
      // By its labels `switchyard usage` finds it when no shell is open.
      ...(backend.keepsState && {
        [backend.name]: {
          labels: {
            [labels.project]: placement.owner,
            [labels.service]: backend.fusedService,
            [labels.workspace]: placement.workspace,
          },
        },
      }),
    },
    secrets: Object.fromEntries(
      [backend.configSecret, handoverSecret].map((name) => secretFile(name, placement)),
    ),
  });
  return { name: backend.fusedService, purpose, document };
};
