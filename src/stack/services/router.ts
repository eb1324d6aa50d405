/** The router in a container of its own. */
import type { Config } from "../../config/types.ts";
import { labels, routerPort, routerStateDir, secretsDir } from "../../shared/container-layout.ts";
import type { ComposeService } from "../document.ts";
import type { StackPlacement } from "../placement.ts";
import { confined, graceOf, healthcheckOf, limitsOf } from "./common.ts";
import { hostAddress, type StackService } from "./stack-service.ts";

const url = `http://router:${routerPort}`;

/** Its folder among the stack's secrets. A folder: what is mounted as a single file stays the old one when a new one takes its place. */
export const routerSecrets = "router";

/** Node is there and curl is not: the image holds nothing that the router does not need. */
const probe = `node -e "fetch('http://127.0.0.1:${routerPort}/ready').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"`;

const service = (config: Config, placement: StackPlacement): ComposeService => ({
  image: placement.images.router,
  build: {
    context: placement.context,
    dockerfile: "images/router/Dockerfile",
    network: "host",
    args: { BASE: placement.base, CLIENT_UID: placement.uid, CLIENT_GID: placement.gid },
  },
  ...confined(placement.uid, placement.gid),
  stop_grace_period: graceOf(config.server.drain, 10),
  networks: ["stack"],
  volumes: [
    {
      type: "bind",
      source: `${placement.secrets}/${routerSecrets}`,
      target: secretsDir,
      read_only: true,
      bind: { create_host_path: false },
    },
    {
      type: "bind",
      source: placement.routerState,
      target: routerStateDir,
      bind: { create_host_path: false },
    },
  ],
  ports: [
    {
      target: routerPort,
      host_ip: hostAddress(config),
      published: placement.ports.router,
      protocol: "tcp",
    },
  ],
  extra_hosts: ["host.docker.internal:host-gateway"],
  healthcheck: healthcheckOf(probe, "20s"),
  ...limitsOf(config.stack.router, placement.maxCpus),
  labels: {
    [labels.project]: placement.owner,
    [labels.service]: "router",
    [labels.version]: placement.versions.router,
    [labels.url]: url,
    [labels.config]: placement.configHashes.router,
    ...(hostAddress(config) !== "127.0.0.1" && { [labels.public]: "true" }),
  },
});

export const router: StackService = {
  name: "router",
  image: "router",
  url,
  port: { number: ({ server }) => server.port, address: hostAddress, setting: "server.port" },
  after: [],
  patience: 60_000,
  service,
  secrets: () => ({}),
};
