/** Claude Code and the router in one container, supervised by src/fuse/container.ts. */
import type { Config } from "../../config/types.ts";
import {
  clientHome,
  configSecret,
  gidVariable,
  handoverSecret,
  labels,
  managedSettingsDir,
  routerPort,
  uidVariable,
  workspaceDir,
} from "../../shared/container-layout.ts";
import type { ComposeDocument, ComposeService } from "../document.ts";
import type { Placement } from "../placement.ts";
import type { StackDefinition } from "./service.ts";

/** Name of the service, of its image and of its folder under images/. */
export const fusedRouter = "fused-router";

/**
 * What the supervisor needs of root, and nothing else. The client gets none of these:
 * its set and its bounding set are empty (src/fuse/container-session.ts).
 */
const capabilities = [
  "CHOWN", // gives the volume to the client and the closed folders to the router's user
  "DAC_READ_SEARCH", // reads the secret files, which belong to the caller
  "KILL", // ends the router, which runs under a user of its own
  "SETGID",
  "SETPCAP", // empties the client's bounding set
  "SETUID",
];

const limits = (config: Config, maxCpus: number | undefined): Partial<ComposeService> => {
  const { memory, cpus, pids } = config.stack.fused;
  const allowed = maxCpus !== undefined && Number(cpus) > maxCpus ? String(maxCpus) : cpus;
  return {
    ...(memory !== "" && { mem_limit: memory }),
    ...(cpus !== "" && { cpus: allowed }),
    ...(pids > 0 && { pids_limit: pids }),
  };
};

const service = (config: Config, placement: Placement): ComposeService => ({
  image: `switchyard/${fusedRouter}:${placement.tag}`,
  build: {
    context: placement.context,
    dockerfile: `images/${fusedRouter}/Dockerfile`,
    network: "host",
    args: {
      CLIENT: placement.images.client,
      ROUTER: placement.images.router,
    },
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
  ],
  tmpfs: ["/tmp:exec,mode=1777", "/run:mode=755", `${managedSettingsDir}:mode=755`],
  ports: [{ target: routerPort, host_ip: "127.0.0.1", published: placement.port, protocol: "tcp" }],
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
      `http://127.0.0.1:${routerPort}/ready`,
    ],
    interval: "30s",
    timeout: "5s",
    retries: 3,
    start_period: "20s",
  },
  read_only: true,
  cap_drop: ["ALL"],
  cap_add: capabilities,
  security_opt: ["no-new-privileges:true"],
  ...limits(config, placement.maxCpus),
  // The container lives as long as its shells.
  restart: "no",
  stop_grace_period: "10s",
  logging: { driver: "json-file", options: { "max-size": "10m", "max-file": "3" } },
  labels: {
    [labels.project]: placement.owner,
    [labels.service]: fusedRouter,
    [labels.workspace]: placement.workspace,
    [labels.config]: placement.configHash,
  },
});

const document = (config: Config, placement: Placement): ComposeDocument => ({
  name: placement.project,
  services: { [fusedRouter]: service(config, placement) },
  networks: { default: { labels: { [labels.project]: placement.owner } } },
  volumes: { client: { labels: { [labels.project]: placement.owner } } },
  secrets: {
    [configSecret]: { file: `${placement.secrets}/${configSecret}` },
    [handoverSecret]: { file: `${placement.secrets}/${handoverSecret}` },
  },
});

export const fusedRouterStack: StackDefinition = {
  name: fusedRouter,
  purpose: "Claude Code and the router in one container",
  document,
};
