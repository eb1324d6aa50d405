/** Ports that collide with each other, or that are open to more than this machine. */
import { isLoopback } from "../shared/loopback.ts";
import {
  type Finding,
  isOpen,
  type LintRule,
  type PortLike,
  servicesOf,
  type ServiceLike,
} from "./compose-like.ts";

/** Set on a service that is meant to be reached from other machines. */
export const publicLabel = "io.switchyard.public";

interface Published {
  readonly service: string;
  readonly key: string;
  /** `*`: no address given, which is every one of both families. */
  readonly ip: string;
  readonly first: number;
  readonly last: number;
  readonly protocol: string;
}

/** @returns undefined where the engine chooses, or where the value is not known yet */
const rangeOf = (port: PortLike): { first: number; last: number } | undefined => {
  const match = /^(\d+)(?:-(\d+))?$/.exec(String(port.published ?? ""));
  if (match === null || Number(match[1]) === 0) return undefined;
  return { first: Number(match[1]), last: Number(match[2] ?? match[1]) };
};

/** Of a network that is not the container's own nothing is published. */
const publishes = (service: ServiceLike): boolean =>
  !/^(host$|none$|service:|container:)/.test(service.network_mode ?? "");

const published = (document: Parameters<LintRule>[0]): Published[] =>
  servicesOf(document).flatMap(([service, definition]) =>
    publishes(definition)
      ? (definition.ports ?? []).flatMap((port, i) => {
          const range = rangeOf(port);
          if (range === undefined) return [];
          const [ip, protocol] = [port.host_ip || "*", port.protocol ?? "tcp"];
          return [{ service, key: `ports[${i}]`, ip, protocol, ...range }];
        })
      : [],
  );

const familyOf = (ip: string): 4 | 6 => (ip.includes(":") ? 6 : 4);

/** The engine binds each family by itself: `0.0.0.0` and `::` do not meet (tried with 20.10). */
const overlap = (a: string, b: string): boolean =>
  a === b ||
  a === "*" ||
  b === "*" ||
  (familyOf(a) === familyOf(b) && [a, b].some((ip) => ip === "0.0.0.0" || ip === "::"));

const place = ({ service, key, ip, first }: Published): string =>
  `'${service}' (${key}, ${ip === "*" ? "every address" : ip}, port ${first})`;

/** Two that want the same port; of a range the engine takes any that is free, so only a range without one collides. */
const duplicates: LintRule = (document) => {
  const all = published(document);
  const fixed = all.filter(({ first, last }) => first === last);
  const holder = (port: number, of: Published, among: readonly Published[]): Published | undefined =>
    among.find((each) => each.first === port && each.protocol === of.protocol && overlap(each.ip, of.ip));
  return all.flatMap((each): Finding[] => {
    const others = each.first === each.last ? fixed.slice(0, fixed.indexOf(each)) : fixed;
    const ports = Array.from({ length: each.last - each.first + 1 }, (_, i) => each.first + i);
    const holders = ports.map((port) => holder(port, each, others));
    const [first] = holders;
    if (first === undefined || holders.includes(undefined)) return [];
    const what =
      each.first === each.last ? `port ${each.first} is` : `ports ${each.first}-${each.last} are all`;
    return [
      {
        severity: "error",
        rule: "ports.duplicate",
        service: each.service,
        key: each.key,
        message: `${what} published by ${place(first)} too`,
        todo: "Give one of them another `published` port, or remove it.",
      },
    ];
  });
};

const replicated: LintRule = (document) =>
  published(document).flatMap((each): Finding[] => {
    const service = document.services?.[each.service];
    const replicas = service?.deploy?.replicas ?? service?.scale ?? 1;
    if (replicas <= each.last - each.first + 1) return [];
    return [
      {
        severity: "error",
        rule: "ports.replicas",
        service: each.service,
        key: each.key,
        message: `${replicas} containers of the service would publish ${each.first === each.last ? `port ${each.first}` : `${each.first}-${each.last}`}`,
        todo: "Run one, or publish a range with a port for each.",
      },
    ];
  });

const openToNetwork: LintRule = (document) =>
  servicesOf(document).flatMap(([service, definition]) =>
    definition.labels?.[publicLabel] === "true" || !publishes(definition)
      ? []
      : (definition.ports ?? []).flatMap((port, i): Finding[] => {
          const ip = port.host_ip ?? "";
          if (isLoopback(ip) || isOpen(ip)) return [];
          return [
            {
              severity: "warning",
              rule: "ports.public",
              service,
              key: `ports[${i}]`,
              message: `port ${port.published || port.target} is published on ${ip === "" ? "every address" : ip}: other machines of the network can reach it`,
              todo: `Set host_ip to 127.0.0.1; or, where that is meant, the label ${publicLabel}: "true".`,
            },
          ];
        }),
  );

const foreignNetwork: LintRule = (document) =>
  servicesOf(document).flatMap(([service, definition]): Finding[] => {
    const mode = definition.network_mode ?? "";
    const base = { rule: "network.mode", service, key: "network_mode" } as const;
    const findings: Finding[] = [];
    if ((definition.ports ?? []).length > 0 && !publishes(definition)) {
      const refused = /^(service|container):/.test(mode);
      findings.push({
        ...base,
        severity: refused ? "error" : "warning",
        message: refused
          ? `'${mode}' has the ports of another container, and the engine refuses \`ports\` beside it`
          : `\`ports\` do nothing beside '${mode}': nothing is published`,
        todo: refused ? "Publish them at that other service." : "Remove one of the two.",
      });
    }
    if (mode !== "" && definition.networks !== undefined)
      findings.push({
        ...base,
        severity: "error",
        message: `'${mode}' and \`networks\` exclude each other`,
        todo: "Remove one of the two.",
      });
    return findings;
  });

export const portRules: readonly LintRule[] = [duplicates, replicated, openToNetwork, foreignNetwork];
