/** `switchyard switch`: has the client ask another target. Refused where the target does not answer, unless that is forced. */
import { clientService } from "../services/claude-code.ts";
import { stackService, stackTargets } from "../services/services.ts";
import { sameTarget, type Target, targetText } from "../target.ts";
import type { Observed, Planned, SeenService, Step } from "./types.ts";

export interface SwitchRequest {
  readonly to: Target;
  /** Replace the client's container, as its environment cannot change otherwise. */
  readonly recreate: boolean;
  /** Switch though the target is not healthy. */
  readonly force: boolean;
}

/** Why a service cannot be asked and what to do about it, or undefined. */
const problemOf = ({ service, state, health }: SeenService): { why: string; todo: string } | undefined => {
  if (state !== "running") return { why: `it does not run (${state})`, todo: "Start it: switchyard up." };
  if (health === "starting") return { why: "it is still starting", todo: "Wait for it: switchyard up." };
  if (health === "unhealthy")
    return { why: "it is unhealthy", todo: `See: switchyard logs --service ${service}.` };
  return undefined;
};

const refused = (why: string, hint: string): Planned => ({ ok: false, code: "switch.refused", why, hint });

const startHint = (service: string): string => {
  const wish = stackService(service)?.wish;
  return wish === undefined ? "Start it: switchyard up." : `Start it: ${wish}: true, then switchyard up.`;
};

/** Judges the target: a refusal, or undefined. */
const judge = (observed: Observed, { to, force }: SwitchRequest): Planned | undefined => {
  if (to.kind === "url") return undefined;
  const seen = observed.services.find(({ service }) => service === to.service);
  const targets = observed.services.filter(({ url }) => url !== undefined).map(({ service }) => service);
  const known = seen !== undefined || stackTargets.includes(to.service);
  // A service that does not run shows no port: what is wrong with it is that.
  const isNone = seen?.state === "running" && seen.url === undefined;
  if (!known || isNone || to.service === clientService) {
    const always = stackTargets.filter((name) => stackService(name)?.wish === undefined);
    const there = [...new Set([...always, ...targets])].join(", ");
    return {
      ok: false,
      code: "usage.invalid",
      why: known
        ? `${to.service} cannot be a target: it serves no port, or more than one`
        : `there is no service ${to.service}`,
      hint: `Targets: ${there}, or --url URL. A service of your own names its address by the label io.switchyard.url.`,
    };
  }
  if (force) return undefined;
  if (seen === undefined)
    return refused(`${to.service} is not there`, `${startHint(to.service)} Or switch anyway: --force.`);
  const problem = problemOf(seen);
  if (problem === undefined) return undefined;
  return refused(`${to.service}: ${problem.why}`, `${problem.todo} Or switch anyway: --force.`);
};

export const planSwitch = (observed: Observed, request: SwitchRequest): Planned => {
  const { to, recreate, force } = request;
  const refusal = judge(observed, request);
  if (refusal !== undefined) return refusal;
  const client = observed.services.find(({ service }) => service === clientService);
  const runs = client?.state === "running";
  if (!runs && !force) {
    const why = client === undefined ? "is not there" : `does not run (${client.state})`;
    return refused(
      `${clientService} ${why}`,
      "Start it: switchyard up. Or choose for its next start: --force.",
    );
  }
  const from = observed.target;
  const moves = from === undefined || !sameTarget(from, to);
  const writes = moves || !observed.settingsCurrent;
  const steps: Step[] = [];
  if (writes) {
    const because = moves ? `${targetText(to)} is asked for` : "the settings are not those that belong to it";
    steps.push({ do: "point", from, to, because });
  }
  if (recreate && client !== undefined) {
    steps.push(
      { do: "recreate", service: clientService, because: "--recreate" },
      { do: "wait", service: clientService, because: "it is to be healthy" },
    );
  }
  if (client !== undefined && (runs || recreate) && !force)
    steps.push({ do: "probe", target: to, because: "the client must reach it" });
  if (writes && runs && !recreate)
    steps.push({
      do: "settle",
      because: "a session that runs looks at its settings a second after they change",
    });
  if (moves) steps.push({ do: "record", from, to, because: "it is to outlive down and up" });
  const notes: string[] = [];
  if (!writes && !recreate) notes.push(`the client asks ${targetText(to)} already`);
  if (!runs) notes.push(`${clientService} does not run: the choice holds from its next start`);
  return { ok: true, steps, notes };
};
