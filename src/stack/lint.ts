/**
 * Finds in a compose document what `docker compose config -q` lets through and what then fails at the start, or works and should
 * not (test/e2e/docker/ports.e2e.ts holds each of these to the real compose). Pure: what it must know of the machine it is told.
 *
 * A merged document holds interpolated values: neither it nor a value of it may be logged, and no finding has one.
 */
import {
  type ComposeLike,
  type Finding,
  type LintFacts,
  type LintRule,
  servicesOf,
  type ServiceLike,
} from "./compose-like.ts";
import { keyRules } from "./lint-keys.ts";
import { mountRules } from "./lint-mounts.ts";
import { portRules } from "./lint-ports.ts";

export type { ComposeLike, Finding, LintFacts } from "./compose-like.ts";
export { publicLabel } from "./lint-ports.ts";

/** `off`: switched off in the document. `unknown`: the image may have one. */
const healthcheckOf = (service: ServiceLike, facts: LintFacts): "there" | "off" | "none" | "unknown" => {
  const { disable, test } = service.healthcheck ?? {};
  if (disable === true || (Array.isArray(test) && test[0] === "NONE")) return "off";
  if (test !== undefined) return "there";
  const inImage = service.image === undefined ? undefined : facts.imageHealthcheck?.(service.image);
  if (inImage === undefined) return "unknown";
  return inImage ? "there" : "none";
};

const unhealthable: LintRule = (document, facts) =>
  servicesOf(document).flatMap(([service, definition]) =>
    Object.entries(definition.depends_on ?? {}).flatMap(([name, { condition }]): Finding[] => {
      const dependency = document.services?.[name];
      if (condition !== "service_healthy" || dependency === undefined) return [];
      const state = healthcheckOf(dependency, facts);
      if (state === "there") return [];
      const why = {
        off: "its healthcheck is switched off",
        none: "neither it nor its image has a healthcheck",
        unknown: "it has no healthcheck, unless its image brings one",
      }[state];
      return [
        {
          severity: state === "unknown" ? "warning" : "error",
          rule: "health.missing",
          service,
          key: `depends_on.${name}`,
          message: `it waits until '${name}' is healthy, which never comes: ${why}`,
          todo: `Give '${name}' a healthcheck, or wait for service_started.`,
        },
      ];
    }),
  );

const names: LintRule = (document, facts) => {
  const named = servicesOf(document).flatMap(([service, { container_name: name }]) =>
    name === undefined || name === "" ? [] : [{ service, name }],
  );
  return named.flatMap(({ service, name }, i): Finding[] => {
    const twin = named.slice(0, i).find((each) => each.name === name);
    const holder = twin === undefined ? facts.nameHolder?.(name) : `the service '${twin.service}'`;
    if (holder === undefined) return [];
    return [
      {
        severity: "error",
        rule: "name.taken",
        service,
        key: "container_name",
        message: `the name '${name}' is taken by ${holder}`,
        todo: "Remove container_name: compose finds a name that is free.",
      },
    ];
  });
};

/** A path or an address that a finding names may have been made from a secret. */
const withoutSecrets = (finding: Finding, facts: LintFacts): Finding => {
  const secrets = (facts.secrets ?? []).filter((each) => each !== "" && finding.message.includes(each));
  const message = secrets.reduce((text, each) => text.replaceAll(each, "…"), finding.message);
  return { ...finding, message };
};

const rules: readonly LintRule[] = [...portRules, unhealthable, ...mountRules, names, ...keyRules];

/** All findings, errors first. */
export const lintCompose = (document: ComposeLike, facts: LintFacts): Finding[] => {
  const findings = rules.flatMap((rule) => rule(document, facts)).map((each) => withoutSecrets(each, facts));
  const of = (severity: Finding["severity"]): Finding[] =>
    findings.filter((each) => each.severity === severity);
  return [...of("error"), ...of("warning")];
};

/** A finding as one line: `error: service 'router', ports[1]: … . Do this.` */
export const findingLine = ({ severity, service, key, message, todo }: Finding): string =>
  `${severity}: ${service === undefined ? "" : `service '${service}', `}${key}: ${message}. ${todo}`;
