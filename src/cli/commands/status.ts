/** `switchyard status`: what runs of this project, in containers and on the host, and where the client asks. */
import type { Command } from "commander";
import { hostShells } from "../../fuse/host.ts";
import { configOption, loadPlace } from "../configuration.ts";
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
  const loaded = loadPlace(options, say);
  const { project, stateDir } = loaded;
  const engine = await engineIfAny();
  const status = await stackStatus({ engine, loaded });
  const shells = hostShells(stateDir);
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
          hostShells: shells,
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
  ];
  if (status.services.length + status.fused.length + shells.length === 0) lines.push("nothing runs");
  print(lines.join("\n"));
};
