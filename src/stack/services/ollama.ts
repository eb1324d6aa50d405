/** Ollama, which serves models on this machine: where `stack.ollama` is on. docs/local-models.md */
import type { Config } from "../../config/types.ts";
import { labels } from "../../shared/container-layout.ts";
import type { ComposeService } from "../document.ts";
import type { StackPlacement } from "../placement.ts";
import { confined, healthcheckOf, limitsOf } from "./common.ts";
import type { ExtraService } from "./stack-service.ts";

/** Of the preset `ollama`, and in the container. */
const port = 11_434;

/** The volume that its models lie in. */
export const modelStore = "ollama";

const service = (config: Config, placement: StackPlacement): ComposeService => ({
  image: `ollama/ollama:${config.stack.ollama.version}`,
  ...confined(placement.uid, placement.gid),
  // A new volume is root's. Root is nobody here: it has no capability, and nothing but the volume can be written.
  user: "0:0",
  environment: {
    HOME: "/root",
    OLLAMA_HOST: `0.0.0.0:${port}`,
    // Its own default is less than the client's first prompt takes, and what is above is cut off in silence.
    OLLAMA_CONTEXT_LENGTH: String(config.stack.ollama.contextLength),
  },
  networks: ["stack"],
  volumes: [{ type: "volume", source: modelStore, target: "/root/.ollama" }],
  ports: [
    { target: port, host_ip: "127.0.0.1", published: String(config.stack.ollama.port), protocol: "tcp" },
  ],
  // The image has no other program that speaks HTTP.
  healthcheck: healthcheckOf("ollama list >/dev/null 2>&1", "60s"),
  ...limitsOf(config.stack.ollama, placement.maxCpus),
  labels: {
    [labels.project]: placement.owner,
    [labels.service]: "ollama",
    [labels.version]: config.stack.ollama.version,
  },
});

export const ollama: ExtraService = {
  name: "ollama",
  wanted: ({ stack }) => stack.ollama.enabled,
  url: `http://ollama:${port}`,
  // The second is the address of the preset.
  loopbackPorts: ({ stack }) => [stack.ollama.port, port],
  volumes: [modelStore],
  service,
  secrets: () => ({}),
};
