/** The stack of `switchyard up`: client, router and LiteLLM as services of one compose project. */
import type { Config } from "../../config/types.ts";
import { labels } from "../../shared/container-layout.ts";
import type { ComposeDocument } from "../document.ts";
import type { StackPlacement } from "../placement.ts";
import { hostGateway } from "../../config/loopback-url.ts";
import { claudeCode } from "./claude-code.ts";
import { cliproxyapi } from "./cliproxyapi.ts";
import { litellm } from "./litellm.ts";
import { router } from "./router.ts";
import { grafana } from "./grafana.ts";
import { ollama } from "./ollama.ts";
import { prometheus } from "./prometheus.ts";
import type { StackDefinition } from "./service.ts";
import type { ExtraService, StackService } from "./stack-service.ts";

/**
 * In the order in which they start: LiteLLM, which loads for half a minute, keeps nobody waiting. A new one is a file beside this
 * and a name here; one with `wanted` is there only where the configuration wants it.
 */
export const stackServices: readonly StackService[] = [router, claudeCode, cliproxyapi, litellm];

/** Those of them that this configuration wants. */
export const servicesOf = (config: Config): readonly StackService[] =>
  stackServices.filter(({ wanted }) => wanted?.(config) ?? true);

/** Those that a configuration may want beside them. */
export const extraServices: readonly ExtraService[] = [prometheus, grafana, ollama];

const extrasOf = (config: Config): readonly ExtraService[] =>
  extraServices.filter(({ wanted }) => wanted(config));

/**
 * A configuration that was written for a container (`containerConfig`), with the addresses of this machine's loopback that mean a
 * service of the stack turned into that service's own.
 */
export const withServices = (config: Config, text: string): string =>
  [...servicesOf(config), ...extrasOf(config)].reduce((done, { url, loopbackPorts }) => {
    if (url === undefined || loopbackPorts === undefined) return done;
    return loopbackPorts(config).reduce(
      (each, port) => each.replaceAll(new RegExp(`http://${hostGateway}:${port}(?!\\d)`, "g"), url),
      done,
    );
  }, text);

/** The stack's own service of that name, or undefined. */
export const stackService = (name: string): StackService | undefined =>
  stackServices.find((each) => each.name === name);

/** Names of those that can be targets of a switch. */
export const stackTargets: readonly string[] = stackServices.flatMap(({ name, url }) =>
  url === undefined ? [] : [name],
);

const document = (config: Config, placement: StackPlacement): ComposeDocument => {
  const extras = extrasOf(config);
  const all = [...servicesOf(config), ...extras];
  const owned = { labels: { [labels.project]: placement.owner } };
  return {
    name: placement.project,
    services: Object.fromEntries(all.map(({ name, service }) => [name, service(config, placement)])),
    networks: { stack: owned },
    volumes: {
      client: owned,
      ...Object.fromEntries(extras.flatMap(({ volumes = [] }) => volumes.map((name) => [name, owned]))),
    },
    secrets: Object.assign({}, ...all.map(({ secrets }) => secrets(placement))) as NonNullable<
      ComposeDocument["secrets"]
    >,
  };
};

export const servicesStack: StackDefinition<StackPlacement> = {
  name: "services",
  purpose: "Claude Code, the router and LiteLLM, each in a container of its own",
  document,
};
