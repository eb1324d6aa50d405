/** LiteLLM in a container of its own, with a configuration made from the router's (src/stack/litellm/). */
import type { Config } from "../../config/types.ts";
import { labels, litellmPort } from "../../shared/container-layout.ts";
import type { ComposeService } from "../document.ts";
import type { StackPlacement } from "../placement.ts";
import { confined, healthcheckOf, limitsOf } from "./common.ts";
import { networkSecrets, secretOf, type StackService } from "./stack-service.ts";

const url = `http://litellm:${litellmPort}`;

const own = ["litellm.yaml", "litellm-keys.json"];

/**
 * `/health` would call every model. What the check of readiness answers is not looked at beyond its status.
 */
const probe = `python3 -c "import urllib.request as r; r.ProxyHandler({}); r.build_opener(r.ProxyHandler({})).open('http://127.0.0.1:${litellmPort}/health/readiness', timeout=10)" 2>/dev/null`;

const service = (config: Config, placement: StackPlacement): ComposeService => ({
  image: placement.images.litellm,
  build: {
    context: placement.context,
    dockerfile: "images/litellm/Dockerfile",
    network: "host",
    args: { BASE: placement.base, LITELLM_VERSION: config.stack.litellm.version },
  },
  ...confined(placement.uid, placement.gid),
  networks: ["stack"],
  secrets: [...own, ...networkSecrets].map((name) => ({ source: name, target: name })),
  ports: [{ target: litellmPort, host_ip: "127.0.0.1", published: placement.ports.litellm, protocol: "tcp" }],
  extra_hosts: ["host.docker.internal:host-gateway"],
  // It imports for half a minute before it listens.
  healthcheck: healthcheckOf(probe, "180s"),
  ...limitsOf(config.stack.litellm, placement.maxCpus),
  labels: {
    [labels.project]: placement.owner,
    [labels.service]: "litellm",
    [labels.version]: config.stack.litellm.version,
    [labels.url]: url,
    [labels.config]: placement.configHashes.litellm,
  },
});

export const litellm: StackService = {
  name: "litellm",
  image: "litellm",
  url,
  port: {
    number: ({ stack }) => stack.litellm.port,
    address: () => "127.0.0.1",
    setting: "stack.litellm.port",
  },
  after: [],
  // It loads for some seconds, on a busy machine for a minute and more.
  patience: 300_000,
  service,
  secrets: (placement) =>
    Object.fromEntries([...own, ...networkSecrets].map((name) => secretOf(name, placement))),
};
