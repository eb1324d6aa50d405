/** A provider's keys and how they are sent, of a checked configuration. */
import { createHash } from "node:crypto";
import { isZone, machineZone, parseActivation, parseDate, parseHours } from "./hours.ts";
import { type Path, showPath } from "./problems.ts";
import { readProxy } from "./resolve-proxy.ts";
import type { ProviderSurroundings } from "./resolve-providers.ts";
import type { RawProvider } from "./schema.ts";
import { keyPositionAt, positionAt, type Tree, treeAt } from "./tree.ts";
import type { ProviderConfig } from "./types.ts";
import type { ProviderKey } from "./types-keys.ts";
import { resolveVariables } from "./variables.ts";

export type Access = Pick<ProviderConfig, "keys" | "auth" | "disabled">;

type RawKey = Exclude<NonNullable<RawProvider["keys"]>[number], string>;

/** The keys of a provider and what is sent of them. What is wrong is told; undefined then. */
export const readAccess = (
  name: string,
  raw: RawProvider,
  around: ProviderSurroundings,
): Access | undefined => {
  const parent = ["providers", name];
  const path = [...parent, "keys"];
  const { tree, problems } = around;
  const node = treeAt(tree, path);
  if (raw.auth === "none" || raw.auth === "passthrough") {
    if (node && (raw.keys?.length ?? 0) > 0) {
      const sends = raw.auth === "none" ? "sends no key" : "forwards the client's own key";
      return problems.add(
        node.at,
        path,
        `\`auth: ${raw.auth}\` ${sends}; remove \`keys\`, or set \`auth: key\`.`,
      ) as undefined;
    }
    return { keys: [], auth: raw.auth, disabled: undefined };
  }
  if (raw.keys === undefined) {
    if (node) return undefined;
    return problems.add(
      keyPositionAt(tree, parent),
      parent,
      '`keys` is missing: ["${VARIABLE}"], or [] where none is needed.',
    ) as undefined;
  }
  if (raw.keys.length === 0) {
    if (raw.auth === "key")
      return problems.add(
        positionAt(tree, path),
        path,
        "found an empty list with `auth: key`, expected a key.",
      ) as undefined;
    return { keys: [], auth: "none", disabled: undefined };
  }
  const keys = readKeys(name, raw.keys, around);
  return { keys, auth: "key", disabled: keys.length > 0 ? undefined : whyDisabled(node) };
};

/** Every key that is set, each once. What is wrong with one that is not set is told as well: it is wrong tomorrow. */
const readKeys = (
  provider: string,
  raw: NonNullable<RawProvider["keys"]>,
  around: ProviderSurroundings,
): ProviderKey[] => {
  const out = new Map<string, ProviderKey>();
  const names = new Set<string>();
  for (const [i, entry] of raw.entries()) {
    const path = ["providers", provider, "keys", i];
    const given: RawKey = typeof entry === "string" ? { key: entry } : entry;
    if (given.key === undefined && treeAt(around.tree, [...path, "key"]) === undefined)
      around.problems.add(positionAt(around.tree, path), path, '`key` is missing: "${VARIABLE}".');
    const terms = readTerms(given, path, around);
    if (given.name !== undefined) checkName(given.name, names, path, around);
    const value = (given.key ?? "").trim();
    if (value === "" || out.has(value)) continue;
    out.set(value, {
      value,
      label: given.name ?? labelOf(value, i),
      id: createHash("sha256").update(`${provider}\n${value}`).digest("hex").slice(0, 12),
      ...terms,
    });
  }
  const keys = [...out.values()];
  // Two keys of the same ending must not look like one.
  return keys.map((key) => {
    const same = keys.filter(({ label }) => label === key.label);
    return same.length === 1 ? key : { ...key, label: `#${keys.indexOf(key) + 1}` };
  });
};

/** Of a short key its last characters would say too much. */
const labelOf = (value: string, index: number): string =>
  value.length < 12 ? `#${index + 1}` : `…${value.slice(-4)}`;

const checkName = (
  name: string,
  seen: Set<string>,
  key: Path,
  { tree, problems }: ProviderSurroundings,
): void => {
  const path = [...key, "name"];
  if (!/^[\w.-]{1,24}$/.test(name))
    problems.add(
      positionAt(tree, path),
      path,
      "a key's name is made of up to 24 letters, digits, `.`, `-` and `_`.",
    );
  if (seen.has(name))
    problems.add(positionAt(tree, path), path, "another key of this provider has the same name.");
  seen.add(name);
};

type Terms = Omit<ProviderKey, "value" | "label" | "id">;

const readTerms = (given: RawKey, path: Path, around: ProviderSurroundings): Terms => {
  const { tree, problems, notices } = around;
  const tell = (field: string, text: string): undefined =>
    problems.add(positionAt(tree, [...path, field]), [...path, field], text) as undefined;
  const timed = given.hours !== undefined || given.from !== undefined || given.activate !== undefined;
  const timezone = given.timezone ?? machineZone();
  const zoneKnown = isZone(timezone);
  if (!zoneKnown) tell("timezone", "found no zone that is known, expected a name as Europe/Berlin or UTC.");
  else if (given.timezone !== undefined && !timed)
    notices.push(`${showPath([...path, "timezone"])} has no effect without hours, from or activate.`);
  else if (given.timezone === undefined && timed)
    notices.push(`${showPath(path)} goes by this machine's zone, ${timezone}; \`timezone\` names another.`);
  const hours = given.hours === undefined ? [] : parseHours(given.hours);
  if (hours === undefined)
    tell("hours", "found no days and hours, expected mon-fri 09:00-18:00, or 22:00-06:00.");
  const startsAt = given.from === undefined || !zoneKnown ? undefined : parseDate(given.from, timezone);
  if (given.from !== undefined && zoneKnown && startsAt === undefined)
    tell("from", "found no date, expected 2026-12-01, or 2026-12-01 09:00.");
  const activate = given.activate === undefined ? [] : parseActivation(given.activate);
  if (activate === undefined) tell("activate", "found no time, expected 08:00, or mon-fri 08:00.");
  if (given.activate !== undefined && treeAt(tree, [...path, "activateModel"]) === undefined)
    problems.add(
      positionAt(tree, path),
      path,
      "`activateModel` is missing: the provider's id of a small model, for the call at `activate`.",
    );
  if (given.activateModel !== undefined && given.activate === undefined)
    notices.push(`${showPath([...path, "activateModel"])} has no effect without activate.`);
  const proxy = readProxy(given.proxy, [...path, "proxy"], around);
  const { requestsPerMinute, tokensPerMinute, concurrent } = given;
  return {
    priority: given.priority ?? 0,
    weight: given.weight ?? 1,
    schedule: { hours: hours ?? [], timezone },
    startsAt,
    activate: activate ?? [],
    activateModel: given.activateModel,
    ...(requestsPerMinute !== undefined && { requestsPerMinute }),
    ...(tokensPerMinute !== undefined && { tokensPerMinute }),
    ...(concurrent !== undefined && { concurrent }),
    ...(proxy !== undefined && { proxy }),
  };
};

/** Why a provider with this list of keys, none of which is set, is not used. */
export const whyDisabled = (keys: Tree | undefined): string => {
  const names = variablesOf(keys);
  if (names.length === 0) return "its keys are empty";
  if (names.length === 1) return `${names[0] ?? ""} is not set`;
  return `none of ${names.join(", ")} is set`;
};

/** Names of the variables in a list of keys. */
const variablesOf = (node: Tree | undefined): string[] => {
  if (node?.kind !== "list") return [];
  const names = node.items.flatMap((item) => {
    const key = item.kind === "map" ? item.entries.get("key")?.value : item;
    return key?.kind === "scalar" && typeof key.value === "string"
      ? resolveVariables(key.value, () => undefined).references.map((reference) => reference.name)
      : [];
  });
  return [...new Set(names)];
};
