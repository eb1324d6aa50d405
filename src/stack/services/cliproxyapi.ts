/** CLIProxyAPI, which serves accounts of Codex, Claude, Gemini and others: where `stack.cliproxyapi` is on. docs/cliproxyapi.md */
import type { Config } from "../../config/types.ts";
import { yamlText } from "../../config/yaml-text.ts";
import { cliproxyapiPort, labels } from "../../shared/container-layout.ts";
import { cliproxyapiSettings } from "../cliproxyapi-settings.ts";
import type { ComposeService } from "../document.ts";
import type { StackPlacement } from "../placement.ts";
import { confined, healthcheckOf, limitsOf } from "./common.ts";
import { networkSecrets, secretOf, type StackService } from "./stack-service.ts";

const url = `http://cliproxyapi:${cliproxyapiPort}`;

/** Its configuration, among the stack's secrets: it holds the key of its clients. */
export const cliproxyapiConfigFile = "cliproxyapi.yaml";

/** Its accounts, in the container. */
export const accountsDir = "/accounts";

const health = `http://127.0.0.1:${cliproxyapiPort}/healthz`;
// The official image has busybox and no Node, ours has Node and neither wget nor curl.
const probe = `{ wget -q -O /dev/null ${health} || node -e "fetch('${health}').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"; } 2>/dev/null`;

/**
 * Its configuration: YAML text. `host` is every interface of the container; nothing of its management is there, and its WebSocket, by which
 * anybody could offer models, wants the key as well.
 * @param key what its clients must send
 */
export const cliproxyapiConfig = (key: string): string =>
  "# Written by switchyard; do not edit: it is written anew each time.\n" +
  yamlText({
    host: "",
    port: cliproxyapiPort,
    "auth-dir": accountsDir,
    "api-keys": [key],
    "ws-auth": true,
    "remote-management": { "allow-remote": false, "secret-key": "", "disable-control-panel": true },
    "logging-to-file": false,
    ...cliproxyapiSettings,
  });

const service = (config: Config, placement: StackPlacement): ComposeService => ({
  image: placement.images.cliproxyapi,
  build: {
    context: placement.context,
    dockerfile: "images/cliproxyapi/Dockerfile",
    network: "host",
    args: { BASE: placement.base, CLIPROXYAPI_VERSION: config.stack.cliproxyapi.version },
  },
  command: config.stack.cliproxyapi.fetchModels ? [] : ["-local-model"],
  ...confined(placement.uid, placement.gid),
  networks: ["stack"],
  secrets: [cliproxyapiConfigFile, ...networkSecrets].map((name) => ({ source: name, target: name })),
  volumes: [
    { type: "bind", source: placement.accounts, target: accountsDir, bind: { create_host_path: false } },
  ],
  ports: [
    {
      target: cliproxyapiPort,
      host_ip: "127.0.0.1",
      published: placement.ports.cliproxyapi,
      protocol: "tcp",
    },
  ],
  extra_hosts: ["host.docker.internal:host-gateway"],
  healthcheck: healthcheckOf(probe, "20s"),
  ...limitsOf(config.stack.cliproxyapi, placement.maxCpus),
  labels: {
    [labels.project]: placement.owner,
    [labels.service]: "cliproxyapi",
    [labels.version]: config.stack.cliproxyapi.version,
    [labels.url]: url,
    [labels.config]: placement.configHashes.cliproxyapi,
  },
});

export const cliproxyapi: StackService = {
  name: "cliproxyapi",
  image: "cliproxyapi",
  wanted: ({ stack }) => stack.cliproxyapi.enabled,
  wish: "stack.cliproxyapi.enabled",
  url,
  port: {
    number: ({ stack }) => stack.cliproxyapi.port,
    address: () => "127.0.0.1",
    setting: "stack.cliproxyapi.port",
  },
  // The second is the address of the preset.
  loopbackPorts: ({ stack }) => [stack.cliproxyapi.port, cliproxyapiPort],
  after: [],
  patience: 60_000,
  service,
  secrets: (placement) =>
    Object.fromEntries([cliproxyapiConfigFile, ...networkSecrets].map((name) => secretOf(name, placement))),
};
