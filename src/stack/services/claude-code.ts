/** The client in a container of its own: idle, entered by `switchyard shell stack`. It holds no provider's key. */
import type { Config } from "../../config/types.ts";
import {
  clientConfigDir,
  clientHome,
  labels,
  managedSettingsDir,
  workspaceDir,
} from "../../shared/container-layout.ts";
import type { ComposeService } from "../document.ts";
import type { StackPlacement } from "../placement.ts";
import { confined, healthcheckOf, limitsOf } from "./common.ts";
import { router } from "./router.ts";
import type { StackService } from "./stack-service.ts";

/** The service that holds the client. */
export const clientService = "claude-code";

/** Files of the mounted folder that become the client's own, once. */
export const seedFiles = {
  settings: "seed-settings.json",
  record: "seed-record.json",
  command: "seed-router-command.md",
} as const;

/**
 * Answers the dialogs of the client's first start, then waits. What the client has kept in its volume stays.
 * `$$` is compose's for a dollar sign.
 */
const idle = [
  "set -eu",
  'umask 077; mkdir -p "$$CLAUDE_CONFIG_DIR"; cd "$$CLAUDE_CONFIG_DIR"',
  `[ -e settings.json ] || cp ${managedSettingsDir}/${seedFiles.settings} settings.json`,
  `[ -e .claude.json ] || cp ${managedSettingsDir}/${seedFiles.record} .claude.json`,
  // Of an older version there may be no such file yet.
  `mkdir -p commands; [ -e commands/router.md ] || cp ${managedSettingsDir}/${seedFiles.command} commands/router.md 2>/dev/null || true`,
  "exec sleep infinity",
].join("; ");

const probe = `[ -r ${managedSettingsDir}/managed-settings.json ] && [ -e "$$CLAUDE_CONFIG_DIR/.claude.json" ]`;

const service = (config: Config, placement: StackPlacement): ComposeService => ({
  image: placement.images.client,
  build: {
    context: placement.context,
    dockerfile: "images/client/Dockerfile",
    network: "host",
    args: {
      BASE: placement.base,
      CLAUDE_CODE_VERSION: config.stack.client.version,
      CLIENT_UID: placement.uid,
      CLIENT_GID: placement.gid,
    },
  },
  command: ["sh", "-c", idle],
  hostname: "switchyard",
  ...confined(placement.uid, placement.gid),
  working_dir: workspaceDir,
  networks: ["stack"],
  environment: {
    HOME: clientHome,
    ...placement.clientEnvironment,
    CLAUDE_CONFIG_DIR: clientConfigDir,
    // The managed settings stand above it: a switch that recreates nothing changes those, and this at the next recreate.
    ANTHROPIC_BASE_URL: placement.targetUrl,
  },
  volumes: [
    { type: "bind", source: placement.workspace, target: workspaceDir, bind: { create_host_path: false } },
    { type: "volume", source: "client", target: clientHome },
    {
      type: "bind",
      source: placement.managed,
      target: managedSettingsDir,
      read_only: true,
      bind: { create_host_path: false },
    },
  ],
  extra_hosts: ["host.docker.internal:host-gateway"],
  depends_on: { [router.name]: { condition: "service_healthy" } },
  healthcheck: healthcheckOf(probe, "10s"),
  ...limitsOf(config.stack.client, placement.maxCpus),
  labels: {
    [labels.project]: placement.owner,
    [labels.service]: clientService,
    [labels.version]: config.stack.client.version,
    [labels.workspace]: placement.workspace,
  },
});

export const claudeCode: StackService = {
  name: clientService,
  image: "client",
  after: [router.name],
  patience: 60_000,
  service,
  secrets: () => ({}),
};
