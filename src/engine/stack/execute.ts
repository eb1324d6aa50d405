/** Carries out a plan, step by step. What to do was decided before; here is only how. */
import { setTimeout as sleep } from "node:timers/promises";
import { rm } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { SwitchyardError, messageOf } from "../../shared/errors.ts";
import { targetFileName } from "../../shared/container-layout.ts";
import { retarget } from "../../stack/compose.ts";
import { stepText } from "../../stack/plan/text.ts";
import type { Step } from "../../stack/plan/types.ts";
import { clientService } from "../../stack/services/claude-code.ts";
import { renderRecord, type Target } from "../../stack/target.ts";
import { lastWords, removeContainer } from "../containers.ts";
import type { Engine } from "../connect.ts";
import { makeFolder, readStateFile, replaceFiles, writeFileAtomic, writeSecretFiles } from "./atomic.ts";
import { type ComposeProject, upService } from "./compose-cli.ts";
import { engineStatusOf, isGone } from "../engine-status.ts";
import { failureOf } from "./failures.ts";
import type { StackFiles } from "./files.ts";
import { healthNow, observeProject } from "./observe.ts";
import { probeFromClient, type ProbeRequest, settingsOutOfSight } from "./probe.ts";

export interface StackWork {
  readonly engine: Engine;
  readonly compose: ComposeProject;
  readonly files: StackFiles;
  /** What `write` writes. */
  readonly written?: {
    readonly document: string;
    readonly secrets: ReadonlyMap<string, string>;
    /** Folders that services keep their data in. */
    readonly folders?: readonly string[];
  };
  /** What `point` writes for a target: the files of the client's settings, and its address. */
  readonly settingsOf: (target: Target) => ReadonlyMap<string, string>;
  readonly probeOf: (target: Target) => ProbeRequest;
  /** Makes sure of the image of a service. */
  readonly build: (service: string) => Promise<unknown>;
  /** How long a service may take to become healthy, in milliseconds. */
  readonly patience: (service: string) => number;
  readonly report: {
    readonly step: (step: Step) => void;
    readonly waiting: (service: string, seconds: number) => void;
    readonly healthy: (service: string, seconds: number) => void;
  };
  /** Aborts what waits. */
  readonly signal?: AbortSignal;
}

/** A session of the client looks at its settings a second after they change (measured: 1.0 to 1.1 s). */
const settleTime = 1_200;

type Undo = () => Promise<void>;

/** Puts the settings of a target in place, and its address into the document, which counts when the client is recreated. */
const point = async (work: StackWork, to: Target): Promise<Undo> => {
  const { files } = work;
  // They hold the token: for the user of the container alone, who is the caller.
  await makeFolder(files.managed, 0o700);
  const settings = await replaceFiles(files.managed, work.settingsOf(to), 0o600);
  const text = await readStateFile(files.document);
  if (text === undefined) return settings;
  const undoSettings = settings;
  try {
    const document = new Map([[basename(files.document), retarget(text, work.probeOf(to).baseUrl)]]);
    const undoDocument = await replaceFiles(dirname(files.document), document, 0o600);
    return async () => {
      await undoSettings();
      await undoDocument();
    };
  } catch (error) {
    await undoSettings();
    throw error;
  }
};

const containerOf = async (work: StackWork, service: string): Promise<string> => {
  const { services } = await observeProject(work.engine, work.compose.project);
  const found = services.find((each) => each.service === service);
  if (found === undefined)
    throw new SwitchyardError("stack.unhealthy", { detail: `${service}: its container is gone` });
  return found.container;
};

const wait = async (work: StackWork, service: string, since: number): Promise<void> => {
  const container = await containerOf(work, service);
  const patience = work.patience(service);
  const first = await healthNow(work.engine, container);
  const fail = async (why: string): Promise<never> => {
    const words = await lastWords(work.engine, container);
    throw new SwitchyardError("stack.unhealthy", {
      detail: `${service} ${why}\n  ${words.replaceAll("\n", "\n  ")}`,
      hint: `Its whole log: switchyard logs --service ${service}`,
    });
  };
  for (;;) {
    work.signal?.throwIfAborted();
    const seconds = (Date.now() - since) / 1000;
    const { state, health, restarts } = await healthNow(work.engine, container);
    if (state === "running" && (health === "healthy" || health === "none"))
      return work.report.healthy(service, seconds);
    if (health === "unhealthy" && state === "running") return fail("is unhealthy");
    if (restarts - first.restarts >= 3) return fail("ends again and again");
    if (state === "exited" || state === "dead") return fail("has ended");
    if (seconds * 1000 > patience) return fail(`is not healthy after ${Math.round(seconds)} s`);
    work.report.waiting(service, seconds);
    await sleep(100);
  }
};

/** The client must read what was written for it, and reach what that names. */
const probe = async (work: StackWork, target: Target): Promise<void> => {
  const container = await containerOf(work, clientService);
  if (await settingsOutOfSight(work.engine, container, work.settingsOf(target).get(targetFileName))) {
    throw new SwitchyardError("switch.refused", {
      detail: `${container} does not read what is written for it: ${work.files.managed}, or its workspace, was replaced while it ran (switchyard up replaces the container)`,
    });
  }
  await probeFromClient(work.engine, container, work.probeOf(target));
};

const removeThing = async (
  work: StackWork,
  what: "container" | "network" | "volume" | "file",
  name: string,
): Promise<void> => {
  const { docker } = work.engine;
  try {
    if (what === "container") await removeContainer(docker.getContainer(name));
    else if (what === "network") await docker.getNetwork(name).remove();
    else if (what === "volume") await docker.getVolume(name).remove();
    else await rm(name, { recursive: true, force: true });
  } catch (error) {
    // Gone already: that is what was wanted.
    if (!isGone(error)) throw error;
  }
};

const stop = async (work: StackWork, container: string): Promise<void> => {
  try {
    // As long as the container was made to be given: a router finishes its streams.
    await work.engine.docker.getContainer(container).stop();
  } catch (error) {
    // 304: it has ended by itself; 404: it is gone.
    if (![304, 404].includes(engineStatusOf(error) ?? 0)) throw error;
  }
};

/** @returns how to take the step back, where it can be */
const carryOut = async (
  work: StackWork,
  step: Step,
  times: Map<string, number>,
): Promise<Undo | undefined> => {
  const { engine, compose, files } = work;
  switch (step.do) {
    case "build":
      await work.build(step.service);
      return undefined;
    case "write": {
      if (work.written === undefined) throw new SwitchyardError("internal", { detail: "nothing to write" });
      await writeSecretFiles(files, work.written.secrets);
      for (const folder of [files.routerState, ...(work.written.folders ?? [])])
        await makeFolder(folder, 0o700);
      await makeFolder(dirname(files.document), 0o700);
      await writeFileAtomic(files.document, work.written.document, 0o600);
      return undefined;
    }
    case "point":
      times.set("pointed", Date.now());
      return point(work, step.to);
    case "create":
    case "start":
    case "recreate":
      times.set(step.service, Date.now());
      await upService(engine, compose, step.service, { force: step.do === "recreate" });
      return undefined;
    case "resume":
      times.set(step.service, Date.now());
      await engine.docker.getContainer(await containerOf(work, step.service)).unpause();
      return undefined;
    case "wait":
      await wait(work, step.service, times.get(step.service) ?? Date.now());
      return undefined;
    case "probe":
      await probe(work, step.target);
      return undefined;
    case "settle":
      await sleep(Math.max(0, (times.get("pointed") ?? 0) + settleTime - Date.now()), undefined, {
        ...(work.signal !== undefined && { signal: work.signal }),
      });
      return undefined;
    case "record": {
      const since = new Date().toISOString();
      const record = { target: step.to, since, ...(step.from !== undefined && { previous: step.from }) };
      return replaceFiles(
        dirname(files.record),
        new Map([[basename(files.record), renderRecord(record)]]),
        0o600,
      );
    }
    case "stop":
      await stop(work, step.container);
      return undefined;
    case "remove":
      await removeThing(work, step.what, step.name);
  }
  return undefined;
};

/**
 * In the order of the steps: the old files are there before a container is made from them.
 * @returns failures, as words for the error that caused it
 */
const takeBack = async (undos: readonly Undo[]): Promise<string[]> => {
  const problems: string[] = [];
  for (const undo of undos) await undo().catch((error: unknown) => problems.push(messageOf(error)));
  return problems;
};

/**
 * Runs the steps in their order.
 * @param options.rollback take back what was done when a step fails
 * @throws SwitchyardError of the step that failed; with rollback it says that the old state stands, or what of it does not
 */
export const executePlan = async (
  work: StackWork,
  steps: readonly Step[],
  options: { readonly rollback: boolean },
): Promise<void> => {
  const undos: Undo[] = [];
  const times = new Map<string, number>();
  for (const step of steps) {
    try {
      work.signal?.throwIfAborted();
      work.report.step(step);
      // A container whose replacement fails half-way may be gone: it is brought back as one that was replaced.
      if (step.do === "create" || step.do === "start" || step.do === "recreate")
        undos.push(() => upService(work.engine, work.compose, step.service, { force: true }));
      const undo = await carryOut(work, step, times);
      if (undo !== undefined) undos.push(undo);
    } catch (thrown) {
      const error = failureOf(step, thrown);
      const interrupted = work.signal?.aborted === true;
      if (!options.rollback && interrupted) {
        throw new SwitchyardError("stack.interrupted", { detail: stepText(step), cause: error });
      }
      if (!options.rollback) throw error;
      const problems = await takeBack(undos);
      const why = error instanceof SwitchyardError ? (error.detail ?? error.message) : messageOf(error);
      const state =
        problems.length === 0
          ? "The old state stands."
          : `The settings are the old ones again, but: ${problems.join("; ")}`;
      throw new SwitchyardError("switch.refused", {
        detail: interrupted ? "it was interrupted" : why,
        hint: `${state} See: switchyard status.`,
        cause: error,
      });
    }
  }
};
