/** `switchyard down` and `switchyard clean`. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { executePlan } from "../../engine/stack/execute.ts";
import { observeProject } from "../../engine/stack/observe.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import { planClean, planDown } from "../../stack/plan/down.ts";
import { stepText } from "../../stack/plan/text.ts";
import type { Observed, Plan } from "../../stack/plan/types.ts";
import { say } from "../commands/command.ts";
import type { Place } from "../configuration.ts";
import { alone, printPlan, type Stack } from "./stack.ts";

/** What was generated into the state folder. The user's overrides, and what shells on the host keep, are not among it. */
const generatedFiles = ({ files, loaded }: Stack<Place>): string[] => {
  const folder = join(loaded.stateDir, "compose");
  const documents = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith(".yaml") && !name.startsWith("override."))
        .map((name) => join(folder, name))
    : [];
  return [
    ...documents,
    join(loaded.stateDir, "secrets"),
    files.managed,
    files.routerState,
    files.prometheusData,
    files.accounts,
    files.record,
  ].filter((path) => existsSync(path));
};

const observed = async (stack: Stack<Place>): Promise<Observed> => ({
  ...(await observeProject(stack.engine, stack.loaded.project)),
  missingImages: [],
  conflicts: [],
  target: undefined,
  settingsCurrent: true,
  files: generatedFiles(stack),
});

const execute = async (stack: Stack<Place>, plan: Plan): Promise<void> => {
  const never = (): never => {
    throw new SwitchyardError("internal", { detail: "an end starts nothing" });
  };
  await executePlan(
    {
      engine: stack.engine,
      compose: stack.compose,
      files: stack.files,
      settingsOf: never,
      probeOf: never,
      build: never,
      patience: () => 0,
      report: { step: (step) => say(stepText(step)), waiting: () => undefined, healthy: () => undefined },
    },
    plan.steps,
    { rollback: false },
  );
  for (const note of plan.notes) say(note);
  if (plan.steps.length === 0) say("nothing runs");
};

/** Ends every container of the project. Volumes and the choice of the target stay. */
export const bringDown = async (
  stack: Stack<Place>,
  options: { readonly dryRun: boolean },
): Promise<void> => {
  if (options.dryRun) return printPlan(planDown(await observed(stack)));
  await alone(stack, async () => execute(stack, planDown(await observed(stack))));
};

/**
 * Ends and deletes all that the project's labels mark, and the generated files.
 * @param confirm shown what will be deleted; false leaves everything as it is
 * @returns whether it was done
 */
export const cleanUp = async (
  stack: Stack<Place>,
  options: { readonly dryRun: boolean; readonly confirm: (plan: Plan) => Promise<boolean> },
): Promise<boolean> => {
  if (options.dryRun) {
    printPlan(planClean(await observed(stack)));
    return true;
  }
  return alone(stack, async () => {
    const plan = planClean(await observed(stack));
    if (plan.steps.length > 0 && !(await options.confirm(plan))) return false;
    await execute(stack, plan);
    return true;
  });
};
