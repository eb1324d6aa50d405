/** `switchyard status`: what runs of this project, in containers and on the host, where the client asks, and which providers and keys rest. */
import type { Command } from "commander";
import { hostShells } from "../../fuse/host-runs.ts";
import { configOption, placeToLookAt } from "../configuration.ts";
import { runningRouters } from "../routers/doors.ts";
import { ownAddress } from "../routers/own-address.ts";
import { routerLines, routerStatus } from "../routers/status.ts";
import { engineIfAny } from "../running.ts";
import { servicesTable, stackStatus, type TargetStatus } from "../stack/status.ts";
import { spanText } from "../ui/duration.ts";
import { clientService } from "../../stack/services/claude-code.ts";
import { print, say } from "./command.ts";

export const configure = (command: Command): void => {
  configOption(command).option("--json", "print it as JSON").action(run);
};

const targetLine = ({ name, url, since, previous, settings }: TargetStatus): string => {
  const words = [
    `${name} (${url})`,
    ...(since === undefined ? [] : [`for ${spanText(Date.now() - Date.parse(since))}`]),
    ...(previous === undefined ? [] : [`before that ${previous}`]),
  ].join(", ");
  return settings === undefined
    ? words
    : `${words}\n            but the client's settings name ${settings}: a switch was cut off; switch again`;
};

const run = async (options: { config?: string; json?: boolean }): Promise<void> => {
  const loaded = placeToLookAt(options, say);
  const { project, stateDir } = loaded;
  const engine = await engineIfAny();
  const status = await stackStatus({ engine, loaded });
  const shells = hostShells(stateDir);
  const routers = await routerStatus(await runningRouters(loaded, engine, ownAddress(options)));
  if (options.json === true) {
    const runtime = engine === undefined ? "host" : "docker";
    print(
      JSON.stringify(
        {
          project,
          stateDir,
          runtime,
          engine: engine?.version ?? null,
          clientVersion: status.services.find(({ service }) => service === clientService)?.version ?? null,
          ...status,
          hostShells: shells.map(({ pid, workspace }) => ({ pid, workspace })),
          routers,
        },
        null,
        2,
      ),
    );
    return;
  }
  const lines = [
    `project     ${project}`,
    `state       ${stateDir}`,
    `engine      ${engine === undefined ? "none answers" : `Docker Engine ${engine.version}`}`,
    ...(status.services.length > 0
      ? [`target      ${targetLine(status.target)}`, "", servicesTable(status), ""]
      : []),
    ...status.fused.map((each) => `container   ${each.container}  ${each.status}  ${each.workspace}`),
    ...shells.map((each) => `host shell  process ${each.pid}  ${each.workspace}`),
    ...routers.flatMap((each) => routerLines(each)),
  ];
  if (status.services.length + status.fused.length + shells.length + routers.length === 0)
    lines.push("nothing runs");
  print(lines.join("\n"));
};
