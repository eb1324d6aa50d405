/** `switchyard admin token`: the token that opens the dashboard and the administration's endpoints. */
import { join } from "node:path";
import type { Command } from "commander";
import { accessDir, accessFiles, writeAccessFile } from "../../shared/access-files.ts";
import { adminFileText, makeAdminToken } from "../../shared/admin-token.ts";
import { configOption, loadPlace } from "../configuration.ts";
import { answerOf, runningRouters } from "../routers/doors.ts";
import { engineIfAny } from "../running.ts";
import { print, say } from "./command.ts";

export const configure = (command: Command): void => {
  configOption(command.command("token"))
    .summary("make the administrator's token; it is printed once, on stdout")
    .description(
      "Make the administrator's token. It is printed once, on stdout; only its hash is kept. One that was made before ends, and with it every session of the dashboard.",
    )
    .action(makeToken);
};

const makeToken = async (options: { config?: string }): Promise<void> => {
  const place = loadPlace(options, say);
  const { token, hash } = makeAdminToken();
  writeAccessFile(join(accessDir(place.stateDir), accessFiles.admin), adminFileText(hash, Date.now()));
  // A fused container keeps its files to itself: its router is told the hash.
  const engine = await engineIfAny();
  for (const door of await runningRouters(place, engine, undefined)) {
    if (door.kind !== "fused") continue;
    const answer = await answerOf(door.ask("POST", "/api/admin/token", JSON.stringify({ hash })));
    if (typeof answer === "string") say(`${door.name} does not take it: ${answer}`);
  }
  print(token);
  say("it is printed this once; the dashboard asks for it, scripts send it as x-switchyard-admin");
};
