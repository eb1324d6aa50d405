/** What Switchyard has made on this machine, by kind, each with the way to remove it. */
import { existsSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { basename, dirname } from "node:path";
import { priceListFile } from "../../config/price-list.ts";
import type { Engine } from "../../engine/connect.ts";
import { observeProject } from "../../engine/stack/observe.ts";
import { messageOf } from "../../shared/errors.ts";
import { cacheDir, type Environment, keysFile } from "../../shared/paths.ts";
import { clients } from "../clients/index.ts";
import { keptSettings, unpersist } from "../clients/persisted.ts";
import type { Place } from "../configuration.ts";
import { cleanUp } from "../stack/end.ts";
import { openStack } from "../stack/stack.ts";
import { removeStateFolder, stateFolder } from "./state-folder.ts";

export interface Thing {
  readonly kind: "settings" | "container" | "network" | "volume" | "image" | "folder" | "file";
  readonly name: string;
  /** What is lost with it, or why it can go. */
  readonly why: string;
}

/** Things that go together, in the order in which they must go. */
export interface Lot {
  readonly things: readonly Thing[];
  /** All checkouts use it. */
  readonly shared?: true;
  /** @returns words on what stays and why; none: all of it is gone */
  readonly remove: () => Promise<readonly string[]> | readonly string[];
}

export interface UninstallOptions {
  /** The file of keys too. */
  readonly keys: boolean;
  /** The user's configuration, where that is to go too. */
  readonly configuration: string | undefined;
}

/** Settings of other clients, as they were before `switchyard persist`: wherever they lay then (CODEX_HOME may not be set now). */
const persisted = ({ stateDir }: Place): Lot[] =>
  keptSettings(stateDir).flatMap(({ client, file }) => {
    const found = clients.find(({ name }) => name === client);
    // Of a client with several files the one of that name.
    const settings =
      found?.besides?.find((each) => basename(each.file({})) === basename(file)) ?? found?.settings;
    if (settings === undefined) return [];
    return [
      {
        things: [
          {
            kind: "settings",
            name: file,
            why: `${found?.title}: what switchyard persist wrote is taken out`,
          },
        ],
        remove: () => {
          unpersist(stateDir, client, settings, file);
          return [];
        },
      },
    ];
  });

const volumeWhy = (name: string): string =>
  name.endsWith("_client") ? "sessions and logins of the client" : "what the router remembers";

const onEngine = async (engine: Engine, place: Place): Promise<Lot[]> => {
  const { services, fused, networks, volumes } = await observeProject(engine, place.project);
  const because = "it is this project's";
  const things: Thing[] = [
    ...[...fused, ...services].map(({ container }): Thing => ({
      kind: "container",
      name: container,
      why: because,
    })),
    ...networks.map((name): Thing => ({ kind: "network", name, why: because })),
    ...volumes.map((name): Thing => ({ kind: "volume", name, why: volumeWhy(name) })),
  ];
  if (things.length === 0) return [];
  const remove = async (): Promise<readonly string[]> => {
    await cleanUp(await openStack(place), { dryRun: false, confirm: () => Promise.resolve(true) });
    return [];
  };
  return [{ things, remove }];
};

/** Images are shared by checkouts: one that somebody's container uses stays. */
const images = async (engine: Engine): Promise<Lot[]> => {
  const found = await engine.docker.listImages({ filters: { reference: ["switchyard/*"] } });
  const names = found.flatMap(({ RepoTags }) =>
    (RepoTags ?? []).filter((tag) => tag.startsWith("switchyard/")),
  );
  if (names.length === 0) return [];
  return [
    {
      things: names.toSorted().map((name): Thing => ({
        kind: "image",
        name,
        why: "it can be built again; all checkouts share it",
      })),
      shared: true,
      remove: async () => {
        const stay: string[] = [];
        // What stands on another goes first; the tags do not say which does, so what could not go is tried again.
        let left = names;
        for (let before = -1; left.length > 0 && left.length !== before;) {
          before = left.length;
          stay.length = 0;
          const again: string[] = [];
          for (const name of left) {
            try {
              await engine.docker.getImage(name).remove();
            } catch (error) {
              if ((error as { statusCode?: number }).statusCode === 404) continue;
              again.push(name);
              stay.push(`${name}: ${messageOf(error)}`);
            }
          }
          left = again;
        }
        return stay;
      },
    },
  ];
};

const filesWithin = (paths: readonly string[]): number => {
  let count = 0;
  for (const path of paths) {
    try {
      const entries = readdirSync(path, { recursive: true, withFileTypes: true });
      count += entries.filter((each) => each.isFile()).length;
    } catch {
      // It is a file itself.
      count += 1;
    }
  }
  return count;
};

/** A folder or file with the folder of ours above it, where that is then empty. */
const path = (kind: "folder" | "file", name: string, why: string): Lot[] =>
  existsSync(name)
    ? [
        {
          things: [{ kind, name, why: kind === "folder" ? `${why} (${filesWithin([name])} files)` : why }],
          remove: () => {
            rmSync(name, { recursive: true, force: true });
            try {
              if (dirname(name).endsWith("/switchyard")) rmdirSync(dirname(name));
            } catch {
              // Something else is in it.
            }
            return [];
          },
        },
      ]
    : [];

const statePath = ({ stateDir }: Place, overridesToo: boolean): Lot[] => {
  const found = stateFolder(stateDir);
  if (found === undefined) return [];
  const { ours, overrides, others, shared } = found;
  const removed = overridesToo ? overrides : [];
  if (ours.length + removed.length === 0) return [];
  const more = removed.length === 0 ? "" : `, and your ${removed.map((path) => basename(path)).join(", ")}`;
  const stay = others.length === 0 ? "" : `; not ${others.join(", ")}`;
  const why = shared
    ? "it stays: Switchyard did not make all that is in it"
    : `ledger, client keys, logs, earlier configurations, accounts of CLIProxyAPI${more} (${filesWithin(ours)} files)${stay}`;
  return [
    {
      things: [{ kind: "folder", name: stateDir, why }],
      remove: () => removeStateFolder(stateDir, { overrides: overridesToo }),
    },
  ];
};

const shared = (lots: readonly Lot[]): Lot[] => lots.map((lot) => ({ ...lot, shared: true }));

/** Everything, in the order in which it must go. @param engine undefined: none answers */
export const thingsMade = async (
  place: Place,
  engine: Engine | undefined,
  options: UninstallOptions,
  env: Environment,
): Promise<Lot[]> => [
  ...persisted(place),
  ...(engine === undefined ? [] : [...(await onEngine(engine, place)), ...(await images(engine))]),
  ...statePath(place, options.configuration !== undefined),
  ...shared([
    ...path(
      "folder",
      cacheDir(env),
      "Claude Code and LiteLLM as installed for shells on the host; all checkouts share it",
    ),
    ...path(
      "file",
      priceListFile(env),
      "the price list; it can be fetched again, and all checkouts share it",
    ),
  ]),
  ...(options.configuration === undefined ? [] : path("file", options.configuration, "your configuration")),
  ...(options.keys ? path("file", keysFile(env), "your keys, which all checkouts share") : []),
];
