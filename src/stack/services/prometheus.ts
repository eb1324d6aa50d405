/** Prometheus, which reads the router's metrics: where `stack.observability` is on. Published nowhere: Grafana asks it. */
import type { Config } from "../../config/types.ts";
import { labels, secretsDir } from "../../shared/container-layout.ts";
import type { ComposeService } from "../document.ts";
import type { StackPlacement } from "../placement.ts";
import { confined, healthcheckOf, limitsOf } from "./common.ts";
import { secretOf, type ExtraService } from "./stack-service.ts";

/** The stack's client key alone, as a file: Prometheus sends what stands in it. */
export const metricsKey = "metrics-key";

const port = 9090;
const data = "/data";
// Of busybox, which the image has.
const probe = `wget -q -O /dev/null http://127.0.0.1:${port}/-/ready`;

const service = (config: Config, placement: StackPlacement): ComposeService => ({
  image: "prom/prometheus:v3.5.0",
  command: [
    "--config.file=/etc/prometheus/prometheus.yml",
    `--storage.tsdb.path=${data}`,
    "--storage.tsdb.retention.time=90d",
    "--storage.tsdb.retention.size=1GB",
  ],
  ...confined(placement.uid, placement.gid),
  networks: ["stack"],
  secrets: [{ source: metricsKey, target: metricsKey }],
  volumes: [
    {
      type: "bind",
      source: `${placement.context}/images/prometheus/prometheus.yml`,
      target: "/etc/prometheus/prometheus.yml",
      read_only: true,
      bind: { create_host_path: false },
    },
    { type: "bind", source: placement.prometheusData, target: data, bind: { create_host_path: false } },
  ],
  healthcheck: healthcheckOf(probe, "30s"),
  ...limitsOf({ memory: "1g", cpus: "1", pids: 128 }, placement.maxCpus),
  labels: {
    [labels.project]: placement.owner,
    [labels.service]: "prometheus",
    // The key's file is not seen by compose; with the router's configuration it changes too.
    [labels.config]: placement.configHashes.router,
  },
});

export const prometheus: ExtraService = {
  name: "prometheus",
  wanted: ({ stack }) => stack.observability.enabled,
  service,
  secrets: (placement) => Object.fromEntries([secretOf(metricsKey, placement)]),
};

/** In the container. */
export const metricsKeyFile = `${secretsDir}/${metricsKey}`;
