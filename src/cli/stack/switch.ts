/** `switchyard switch`: moves the client to another target, and back where that fails. */
import { readConnections } from "../../engine/stack/connections.ts";
import { executePlan } from "../../engine/stack/execute.ts";
import { filesAre, readStateFile } from "../../engine/stack/atomic.ts";
import { observeProject } from "../../engine/stack/observe.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import type { Observed } from "../../stack/plan/types.ts";
import { planSwitch } from "../../stack/plan/switch.ts";
import { parseRecord, type Target, targetText } from "../../stack/target.ts";
import { print, say } from "../commands/command.ts";
import { clientOf } from "./client.ts";
import { accepted, alone, interruption, patienceOf, printPlan, reporter, type Stack } from "./stack.ts";

export interface SwitchOptions {
  readonly to: Target;
  readonly recreate: boolean;
  readonly force: boolean;
  readonly dryRun: boolean;
}

const run = async (stack: Stack, options: SwitchOptions, signal: AbortSignal | undefined): Promise<void> => {
  const { engine, files, compose, loaded } = stack;
  const started = Date.now();
  const connections = await readConnections(files.connections);
  if (connections === undefined) {
    throw new SwitchyardError("stack.down", { detail: `${loaded.project} was never started` });
  }
  const { services, fused, networks, volumes } = await observeProject(engine, loaded.project);
  const client = clientOf(loaded, connections);
  const record = parseRecord(await readStateFile(files.record));
  const url =
    options.to.kind === "service"
      ? services.find(({ service }) => service === targetText(options.to))?.url
      : undefined;
  const to: Target = options.to.kind === "service" && url !== undefined ? { ...options.to, url } : options.to;
  const base: Omit<Observed, "settingsCurrent"> = {
    services,
    fused,
    networks,
    volumes,
    missingImages: [],
    conflicts: [],
    files: [],
    target: record?.target,
  };
  // First without a look at the settings: of a target that is refused there are none.
  accepted(planSwitch({ ...base, settingsCurrent: false }, { ...options, to }));
  const settingsCurrent = await filesAre(files.managed, client.settingsOf(to));
  const plan = accepted(planSwitch({ ...base, settingsCurrent }, { ...options, to }));
  if (options.dryRun) return printPlan(plan);
  await executePlan(
    {
      engine,
      compose,
      files,
      ...client,
      build: () => Promise.reject(new SwitchyardError("internal", { detail: "a switch builds nothing" })),
      patience: patienceOf,
      report: reporter(),
      ...(signal !== undefined && { signal }),
    },
    plan.steps,
    { rollback: true },
  );
  for (const note of plan.notes) say(note);
  if (to.kind === "url" && to.tokenEnv !== undefined)
    say(
      `the client holds the token of ${to.tokenEnv} itself now: every program in its container can read it`,
    );
  const from = record?.target;
  const health =
    to.kind === "url"
      ? "answers"
      : (services.find(({ service }) => service === to.service)?.health ?? "not there");
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  print(
    `${from === undefined ? "nowhere" : targetText(from)} -> ${targetText(to)} (${health}), ${client.probeOf(to).baseUrl}, in ${seconds} s`,
  );
};

/** @throws SwitchyardError switch.refused (the old state stands), usage.invalid, stack.down, stack.busy */
export const switchTarget = (stack: Stack, options: SwitchOptions): Promise<void> =>
  options.dryRun ? run(stack, options, undefined) : alone(stack, () => run(stack, options, interruption()));
