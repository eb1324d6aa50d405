/** The stack of a checkout, as its commands share it: the engine, the files, and who may change them. */
import { dirname } from "node:path";
import { connect, type Engine } from "../../engine/connect.ts";
import { withLock } from "../../engine/lock.ts";
import { overridesFor } from "../../engine/overrides.ts";
import type { ComposeProject } from "../../engine/stack/compose-cli.ts";
import type { StackWork } from "../../engine/stack/execute.ts";
import { type StackFiles, stackFiles } from "../../engine/stack/files.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import { planText, stepText } from "../../stack/plan/text.ts";
import type { Plan, Planned } from "../../stack/plan/types.ts";
import { servicesStack, stackService, stackServices } from "../../stack/services/services.ts";
import { print, say } from "../commands/command.ts";
import type { Loaded, Place } from "../configuration.ts";

export interface Stack<Of extends Place = Loaded> {
  readonly loaded: Of;
  readonly engine: Engine;
  readonly files: StackFiles;
  readonly compose: ComposeProject;
}

/** @throws SwitchyardError engine.none */
export const openStack = async <Of extends Place>(loaded: Of): Promise<Stack<Of>> => {
  const engine = await connect(process.env);
  const files = stackFiles(loaded.stateDir);
  const { document } = files;
  const own = stackServices.map(({ name }) => name);
  const overrides = overridesFor(dirname(document), servicesStack.name, own);
  return {
    loaded,
    engine,
    files,
    compose: { project: loaded.project, root: loaded.root, document, overrides },
  };
};

/** Runs `work` while nobody else changes the stack. @throws SwitchyardError stack.busy */
export const alone = <T>({ files }: Pick<Stack, "files">, work: () => Promise<T>): Promise<T> =>
  withLock(files.lock, 0, work, (holder) => {
    return new SwitchyardError("stack.busy", {
      detail: holder === "" ? files.lock : `process ${holder}`,
      hint: `Wait until that has ended, then try again. Nothing was changed. If no switchyard runs, remove ${files.lock}.`,
    });
  });

/** The plan, or its refusal as an error. */
export const accepted = (planned: Planned): Plan => {
  if (planned.ok) return planned;
  throw new SwitchyardError(planned.code, { detail: planned.why, hint: planned.hint });
};

/** Prints a plan that is not carried out. */
export const printPlan = (plan: Plan): void => print(planText(plan));

/** How long a service may take to become healthy, in milliseconds. */
export const patienceOf = (service: string): number => stackService(service)?.patience ?? 60_000;

const tellEvery = 5;

/** Tells what happens, one line each. A service that takes its time is heard of every few seconds. */
export const reporter = (): StackWork["report"] => {
  const told = new Map<string, number>();
  return {
    step: (step) => {
      // These tell of themselves.
      if (!["wait", "settle", "build"].includes(step.do)) say(stepText(step));
    },
    waiting: (service, seconds) => {
      const last = told.get(service) ?? 0;
      if (seconds - last < tellEvery) return;
      told.set(service, seconds);
      say(`${service} is starting (${Math.round(seconds)} s) …`);
    },
    healthy: (service, seconds) => say(`${service} is healthy after ${seconds.toFixed(1)} s`),
  };
};

/** Aborted by the first Ctrl-C or SIGTERM: what was begun is then taken back, or said. */
export const interruption = (): AbortSignal => {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => controller.abort());
  return controller.signal;
};
