/** What `up`, `ps` and `status` show of a stack. */
import type { Engine } from "../../engine/connect.ts";
import { stackFiles } from "../../engine/stack/files.ts";
import { observeProject, type ServiceOnEngine } from "../../engine/stack/observe.ts";
import { stackClientNames, targetOfShellFile } from "../../fuse/stack-client.ts";
import { readStateFile } from "../../engine/stack/atomic.ts";
import { join } from "node:path";
import { defaultTarget, parseRecord, targetText } from "../../stack/target.ts";
import { table } from "../ui/table.ts";
import { urlOf } from "./client.ts";

export interface ServiceStatus {
  readonly service: string;
  readonly container: string;
  readonly state: string;
  readonly health: string;
  readonly version: string;
  readonly image: string;
  /** Addresses on this machine. */
  readonly published: readonly string[];
  /** The engine's words: `Up 3 minutes (healthy)`. */
  readonly status: string;
  readonly workspace: string;
}

export interface TargetStatus {
  readonly name: string;
  /** As the client reaches it. */
  readonly url: string;
  /** When the choice was made, and what it was before; not there before the first switch. */
  readonly since?: string;
  readonly previous?: string;
  /** What the client's settings name instead: a switch was cut off. */
  readonly settings?: string;
}

export interface StackStatus {
  readonly services: readonly ServiceStatus[];
  readonly fused: readonly {
    readonly container: string;
    readonly service: string;
    readonly workspace: string;
    readonly status: string;
  }[];
  readonly target: TargetStatus;
}

const statusOf = (seen: ServiceOnEngine): ServiceStatus => ({
  service: seen.service,
  container: seen.container,
  state: seen.state,
  health: seen.health,
  version: seen.version,
  image: seen.image,
  published: seen.published,
  status: seen.words,
  workspace: seen.workspace,
});

/** Where the client asks, from the state folder alone. */
const targetStatus = async (stateDir: string): Promise<TargetStatus> => {
  const files = stackFiles(stateDir);
  const record = parseRecord(await readStateFile(files.record));
  const target = record?.target ?? defaultTarget;
  const name = targetText(target);
  const settings = targetOfShellFile(await readStateFile(join(files.managed, stackClientNames.shell)));
  return {
    name,
    url: urlOf(target),
    ...(record !== undefined && { since: record.since }),
    ...(record?.previous !== undefined && { previous: targetText(record.previous) }),
    ...(settings !== undefined && settings !== name && { settings }),
  };
};

export const stackStatus = async (of: {
  readonly engine: Engine | undefined;
  readonly loaded: { readonly project: string; readonly stateDir: string };
}): Promise<StackStatus> => {
  const { engine, loaded } = of;
  const target = await targetStatus(loaded.stateDir);
  if (engine === undefined) return { services: [], fused: [], target };
  const { services, fused } = await observeProject(engine, loaded.project);
  return {
    target,
    services: services.map(statusOf),
    fused: fused.map(({ container, service, workspace, words }) => ({
      container,
      service,
      workspace,
      status: words,
    })),
  };
};

/** One line for each service; the one that the client asks is marked. */
export const servicesTable = ({ services, target }: StackStatus): string =>
  table(
    services.map((each) => [
      each.service === target.name ? "->" : "  ",
      each.service,
      each.state,
      each.health === "none" ? "" : each.health,
      each.version,
      each.published.map((address) => `http://${address}`).join(" "),
      each.status.replace(/ \(.*\)$/, ""),
    ]),
  );
