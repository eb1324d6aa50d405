/** Grafana with the project's dashboard: where `stack.observability` is on. It shows, and changes nothing: whoever reaches it is a viewer. */
import type { Config } from "../../config/types.ts";
import { labels } from "../../shared/container-layout.ts";
import type { ComposeService } from "../document.ts";
import type { StackPlacement } from "../placement.ts";
import { confined, healthcheckOf, limitsOf } from "./common.ts";
import type { ExtraService } from "./stack-service.ts";

const port = 3000;
const probe = `wget -q -O /dev/null http://127.0.0.1:${port}/api/health`;

/** grafana.com/docs: `GF_<section>_<key>` of grafana.ini. */
const settings = {
  // It keeps nothing of its own: everything is provisioned from the checkout.
  GF_PATHS_DATA: "/tmp/grafana",
  GF_PATHS_PLUGINS: "/tmp/grafana/plugins",
  GF_AUTH_ANONYMOUS_ENABLED: "true",
  GF_AUTH_ANONYMOUS_ORG_ROLE: "Viewer",
  // Its first administrator has a known password: no way leads in.
  GF_AUTH_BASIC_ENABLED: "false",
  GF_AUTH_DISABLE_LOGIN_FORM: "true",
  GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION: "true",
  // A page that comes by another name (DNS rebinding) is sent to this one.
  GF_SERVER_DOMAIN: "localhost",
  GF_SERVER_ENFORCE_DOMAIN: "true",
  // No request leaves the machine.
  GF_ANALYTICS_REPORTING_ENABLED: "false",
  GF_ANALYTICS_CHECK_FOR_UPDATES: "false",
  GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: "false",
  GF_NEWS_NEWS_FEED_ENABLED: "false",
  GF_PLUGINS_PREINSTALL_DISABLED: "true",
  GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: "/var/lib/switchyard/switchyard.json",
};

const bind = (placement: StackPlacement, source: string, target: string) =>
  ({
    type: "bind",
    source: `${placement.context}/images/grafana/${source}`,
    target,
    read_only: true,
    bind: { create_host_path: false },
  }) as const;

const service = (config: Config, placement: StackPlacement): ComposeService => ({
  image: "grafana/grafana:13.0.1",
  ...confined(placement.uid, placement.gid),
  environment: settings,
  networks: ["stack"],
  volumes: [
    bind(placement, "provisioning", "/etc/grafana/provisioning"),
    bind(placement, "dashboards", "/var/lib/switchyard"),
  ],
  ports: [
    {
      target: port,
      host_ip: "127.0.0.1",
      published: String(config.stack.observability.grafanaPort),
      protocol: "tcp",
    },
  ],
  healthcheck: healthcheckOf(probe, "60s"),
  ...limitsOf({ memory: "1g", cpus: "1", pids: 256 }, placement.maxCpus),
  labels: { [labels.project]: placement.owner, [labels.service]: "grafana" },
});

export const grafana: ExtraService = {
  name: "grafana",
  wanted: ({ stack }) => stack.observability.enabled,
  service,
  secrets: () => ({}),
};
