/** `switchyard usage`: what turns took and cost, by the ledgers of this project. */
import { type Command, Option } from "commander";
import { SwitchyardError } from "../../shared/errors.ts";
import { groupings, type Grouping, type UsageAnswer } from "../../shared/usage.ts";
import { configOption, loadPlace } from "../configuration.ts";
import { parseSince } from "../logs/since.ts";
import { runningRouters } from "../routers/doors.ts";
import { ownAddress } from "../routers/own-address.ts";
import { engineIfAny } from "../running.ts";
import { gatherUsage } from "../usage/gather.ts";
import { mergeUsage } from "../usage/merge.ts";
import { usageTable } from "../usage/view.ts";
import { print, say } from "./command.ts";

interface Options {
  readonly config?: string;
  readonly by: Grouping;
  readonly since: Date | "all";
  readonly until?: Date;
  readonly json?: boolean;
}

const usual = "30d";

export const configure = (command: Command): void => {
  configOption(command)
    .addOption(new Option("--by <what>", "add up by").choices([...groupings]).default("model"))
    .addOption(
      new Option(
        "--since <time>",
        "a span (90s, 10m, 2h, 7d), a time of day (21:30), a date (2026-11-21T10:00), or all",
      )
        .argParser((text) => (text === "all" ? text : parseSince(text)))
        .default(parseSince(usual), usual),
    )
    .option("--until <time>", "the same, as the end", (text) => parseSince(text))
    .option("--json", "print it as JSON")
    .addHelpText("after", "\nA price that is not known is shown as unknown, never as free: `+ ?`.")
    .action(run);
};

const run = async (options: Options): Promise<void> => {
  const place = loadPlace(options, say);
  const engine = await engineIfAny();
  const doors = await runningRouters(place, engine, ownAddress(options));
  const question = {
    by: options.by,
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    ...(options.since !== "all" && { since: options.since.getTime() }),
    ...(options.until !== undefined && { until: options.until.getTime() }),
  };
  const { answers, problems } = await gatherUsage(question, place.stateDir, doors, async (asked) =>
    engine === undefined
      ? []
      : (await import("../../engine/closed-ledgers.ts")).closedLedgers(engine, place.project, asked),
  );
  for (const problem of problems) say(problem);
  if (answers.length === 0) {
    if (problems.length > 0) throw new SwitchyardError("ledger.failed", { detail: problems.join("\n  ") });
    throw new SwitchyardError("ledger.none", { detail: place.stateDir });
  }
  const merged: UsageAnswer = mergeUsage(answers);
  print(options.json === true ? JSON.stringify(merged, null, 2) : usageTable(merged));
};
