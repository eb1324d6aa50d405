/**
 * Whether two routers would decide alike: a digest of each part of the configuration. A router tells its own to administrators; a session that would join it
 * compares them. Names of files, and what a container has otherwise (its address, loopback as the gateway), are left out.
 */
import { createHash } from "node:crypto";
import { urlFromContainer } from "./loopback-url.ts";
import { modelInfoOf } from "./model-info.ts";
import type { Config } from "./types.ts";
import { usedTargets } from "./used-targets.ts";

export const configParts = [
  "providers",
  "routes",
  "profiles",
  "aliases",
  "rules",
  "models",
  "budgets",
  "search",
  "capture",
] as const;
export type ConfigPart = (typeof configParts)[number];

/** Twelve hex digits by part. */
export type ConfigIdentity = Readonly<Record<ConfigPart, string>>;

/** A zone that no hour is told by is the machine's, and another one in a container. */
const withoutIdleZone = (value: unknown): unknown => {
  if (typeof value !== "object" || value === null) return value;
  const { hours, timezone: _zone, ...rest } = value as { hours?: unknown; timezone?: unknown };
  return Array.isArray(hours) && hours.length === 0 ? { ...rest, hours } : value;
};

/** Names of keys sorted, so that the order in which something was written does not count. */
const plain = (_name: string, given: unknown): unknown => {
  const value = given instanceof Map ? Object.fromEntries(given) : withoutIdleZone(given);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
};

const digest = (value: unknown): string =>
  createHash("sha256")
    .update(urlFromContainer(JSON.stringify(value, plain) ?? ""))
    .digest("hex")
    .slice(0, 12);

const valuesOf = (config: Config): Readonly<Record<ConfigPart, unknown>> => ({
  providers: [...config.providers.values()],
  routes: [config.routes, config.tierFirst],
  profiles: [...config.profiles.values()].map(({ file: _file, ...rest }) => rest),
  aliases: config.aliases,
  rules: [config.custom?.rules, config.custom?.script?.text, config.custom?.script?.timeout],
  models: usedTargets(config).flatMap(({ target }) => {
    const info = modelInfoOf(config, target);
    return info === undefined ? [] : [[target, info]];
  }),
  budgets: config.budgets,
  search: config.search,
  capture: config.capture,
});

const known = new WeakMap<Config, ConfigIdentity>();

/** Made once for each configuration. */
export const identityOf = (config: Config): ConfigIdentity => {
  const made = known.get(config);
  if (made !== undefined) return made;
  const values = valuesOf(config);
  const identity = Object.fromEntries(configParts.map((part) => [part, digest(values[part])])) as Record<
    ConfigPart,
    string
  >;
  known.set(config, identity);
  return identity;
};

/** The parts in which another router's configuration is not this one. @param other as it came; what is no digest differs */
export const differingParts = (own: ConfigIdentity, other: unknown): ConfigPart[] => {
  const its: Readonly<Record<string, unknown>> =
    typeof other === "object" && other !== null ? (other as Readonly<Record<string, unknown>>) : {};
  return configParts.filter((part) => its[part] !== own[part]);
};
