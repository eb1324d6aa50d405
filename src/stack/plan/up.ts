/** `switchyard up`: from what is there to every wanted service healthy, touching nothing that is as it should be. */
import { sameTarget, targetText } from "../target.ts";
import type { Observed, Planned, SeenService, Step, Wanted, WantedService } from "./types.ts";

type Change = { readonly do: "create" | "recreate" | "start" | "resume"; readonly because: string };

const isWell = (seen: SeenService): boolean =>
  seen.state === "running" && (seen.health === "healthy" || seen.health === "none");

const whatChanged = (wanted: WantedService, seen: SeenService): string => {
  if (seen.image !== wanted.image) return `its image was ${seen.image}`;
  const moved = wanted.workspace !== undefined && seen.workspace !== wanted.workspace;
  return moved ? `its workspace was ${seen.workspace}` : "its configuration has changed";
};

/** What has to happen to a service, or undefined where it may stay. */
const changeOf = (wanted: WantedService, seen: SeenService | undefined): Change | undefined => {
  if (seen === undefined) return { do: "create", because: "it is not there" };
  const same = seen.hash === wanted.hash || seen.hash === wanted.hashButTarget;
  if (!same) return { do: "recreate", because: whatChanged(wanted, seen) };
  if (seen.settingsOutOfSight === true)
    return { do: "recreate", because: "a folder that is mounted into it was replaced while it ran" };
  switch (seen.state) {
    case "running":
      return seen.health === "unhealthy"
        ? { do: "recreate", because: "it runs and is unhealthy" }
        : undefined;
    case "paused":
      return { do: "resume", because: "it is paused" };
    case "restarting":
      return { do: "recreate", because: "it ends again and again" };
    case "removing":
      return { do: "create", because: "it is being removed" };
    case "created":
      return { do: "start", because: "it was never started" };
    case "exited":
    case "dead":
  }
  return { do: "start", because: "it has ended" };
};

/** @returns the plan; its steps are empty where everything runs as it should */
export const planUp = (observed: Observed, wanted: Wanted): Planned => {
  const [conflict] = observed.conflicts;
  if (conflict !== undefined) {
    return {
      ok: false,
      code: "port.inUse",
      why: `${conflict.service} is to listen on port ${conflict.port}, which ${conflict.owner} holds`,
      hint: `Stop that, or choose another port: ${conflict.setting} (0 takes a free one).`,
    };
  }
  const seen = new Map(observed.services.map((each) => [each.service, each]));
  const changes = new Map(
    wanted.services.flatMap((each) => {
      const change = changeOf(each, seen.get(each.service));
      return change === undefined ? [] : [[each.service, change] as const];
    }),
  );

  const steps: Step[] = [];
  for (const { service, image } of wanted.services) {
    const isMissing = observed.missingImages.includes(image);
    if (
      isMissing &&
      changes.has(service) &&
      !steps.some((step) => step.do === "build" && step.image === image)
    )
      steps.push({ do: "build", image, service, because: "it is not there" });
  }
  if (changes.size > 0) steps.push({ do: "write", because: "the services are started from it" });
  const points = !observed.settingsCurrent;
  if (points) {
    const because =
      observed.target === undefined ? "the client has none yet" : "they are not those of the configuration";
    steps.push({ do: "point", from: observed.target, to: wanted.target, because });
  }

  if (observed.target === undefined)
    steps.push({ do: "record", from: undefined, to: wanted.target, because: "a switch starts from it" });

  const waited = new Set<string>();
  const wait = (service: string, because: string): void => {
    if (waited.has(service)) return;
    waited.add(service);
    const found = seen.get(service);
    const touched = changes.has(service);
    const checked = wanted.services.find((each) => each.service === service)?.checked ?? false;
    if (checked && (touched || (found !== undefined && !isWell(found))))
      steps.push({ do: "wait", service, because });
  };
  for (const { service, after } of wanted.services) {
    const change = changes.get(service);
    if (change === undefined) continue;
    for (const gate of after) wait(gate, `${service} starts after it`);
    steps.push({ do: change.do, service, because: change.because });
  }
  // In their order: LiteLLM, the slowest, is the last.
  for (const { service } of wanted.services) wait(service, "it is to be healthy");

  const notes: string[] = [];
  const client = wanted.services.find(({ hashButTarget }) => hashButTarget !== undefined);
  const running = client && seen.get(client.service);
  if (client && running && running.hash !== client.hash && !changes.has(client.service)) {
    notes.push(
      `${client.service} keeps running: its settings name ${targetText(wanted.target)}; its environment will, when it is recreated`,
    );
  }
  if (observed.target !== undefined && !sameTarget(observed.target, wanted.target) && points)
    notes.push(`the client moves from ${targetText(observed.target)} to ${targetText(wanted.target)}`);
  const { target } = wanted;
  if (target.kind === "service" && !wanted.services.some(({ service }) => service === target.service)) {
    const asked = seen.get(target.service);
    if (asked === undefined || !isWell(asked)) {
      notes.push(
        `the client asks ${target.service}, which ${asked === undefined ? "is not there" : "is not well"}: switchyard switch router moves it`,
      );
    }
  }
  return { ok: true, steps, notes };
};
