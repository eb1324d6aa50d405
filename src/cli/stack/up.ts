/** `switchyard up`: observes, plans, carries out. */
import { join } from "node:path";
import { buildProgress } from "../../engine/build-progress.ts";
import { checkCompose } from "../../engine/compose-lint.ts";
import { ensureImage } from "../../engine/images.ts";
import { inCandidate } from "../../engine/stack/candidate.ts";
import { executePlan } from "../../engine/stack/execute.ts";
import { containerWorkspace } from "../../engine/workspace.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import { findingLine } from "../../stack/lint.ts";
import { routerSecrets } from "../../stack/services/router.ts";
import { stackService } from "../../stack/services/services.ts";
import { planUp } from "../../stack/plan/up.ts";
import { say } from "../commands/command.ts";
import { type Prepared, prepareUp } from "./prepare.ts";
import { accepted, alone, interruption, patienceOf, printPlan, reporter, type Stack } from "./stack.ts";

export interface UpOptions {
  readonly workspace: string;
  /** Empty: all. */
  readonly services: readonly string[];
  readonly dryRun: boolean;
}

/** @throws SwitchyardError stack.lint with each error; warnings are told */
const lint = async (stack: Stack, prepared: Prepared): Promise<void> => {
  const { engine, files, compose, loaded } = stack;
  const written = new Set([
    files.managed,
    files.routerState,
    files.prometheusData,
    files.accounts,
    join(files.secrets, routerSecrets),
    ...[...prepared.secrets.files.keys()].map((name) => join(files.secrets, name)),
  ]);
  const secrets = [...loaded.config.secrets, prepared.secrets.connections.clientKey];
  const findings = await inCandidate(prepared.document, (document) =>
    checkCompose(engine, [document, ...compose.overrides], compose.project, compose.root, secrets, (path) =>
      written.has(path),
    ),
  );
  for (const finding of findings.filter(({ severity }) => severity === "warning")) say(findingLine(finding));
  const errors = findings.filter(({ severity }) => severity === "error");
  if (errors.length === 0) return;
  throw new SwitchyardError("stack.lint", {
    detail: errors.map((each) => `\n  ${findingLine(each)}`).join(""),
  });
};

/** Starts what does not run as it should, and waits until all of it is healthy. */
export const bringUp = async (stack: Stack, options: UpOptions): Promise<void> => {
  const { engine, files, compose, loaded } = stack;
  const workspace = await containerWorkspace(options.workspace, {
    env: process.env,
    stateDir: loaded.stateDir,
  });
  const prepare = (): Promise<Prepared> =>
    prepareUp(engine, loaded, compose, files, { workspace, services: options.services, env: process.env });
  if (options.dryRun) {
    const prepared = await prepare();
    const plan = accepted(planUp(prepared.observed, prepared.wanted));
    await lint(stack, prepared);
    return printPlan(plan);
  }
  for (const notice of loaded.config.notices) say(notice);
  const signal = interruption();
  await alone(stack, async () => {
    let prepared = await prepare();
    for (const notice of prepared.notices) say(notice);
    let plan = accepted(planUp(prepared.observed, prepared.wanted));
    // Before the images, which take minutes.
    await lint(stack, prepared);
    const report = reporter();
    const work = {
      engine,
      compose,
      files,
      ...prepared.client,
      build: (service: string) => {
        const image = stackService(service)?.image;
        if (image === undefined)
          throw new SwitchyardError("internal", { detail: `no image of ours: ${service}` });
        const onOutput = buildProgress(say);
        return ensureImage(engine, image, prepared.request, { env: process.env, say, onOutput });
      },
      patience: patienceOf,
      report,
      signal,
    };
    const builds = plan.steps.filter((step) => step.do === "build");
    if (builds.length > 0) {
      // Which make of an image it becomes is known when it is made: what is to run is planned then.
      await executePlan(work, builds, { rollback: false });
      prepared = await prepare();
      plan = accepted(planUp(prepared.observed, prepared.wanted));
    }
    const { document, secrets } = prepared;
    const { observability, cliproxyapi } = loaded.config.stack;
    const folders = [
      ...(observability.enabled ? [files.prometheusData] : []),
      ...(cliproxyapi.enabled ? [files.accounts] : []),
    ];
    await executePlan(
      { ...work, ...prepared.client, written: { document, secrets: secrets.files, folders } },
      plan.steps,
      { rollback: false },
    );
    for (const note of plan.notes) say(note);
    if (plan.steps.length === 0) say("everything runs already");
  });
};
