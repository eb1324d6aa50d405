/** What the services of a stack have in common. */
import type { Limits } from "../../config/types.ts";
import type { ComposeService } from "../document.ts";

/** Limits of a container; more CPUs than the engine has would be refused. */
export const limitsOf = (limits: Limits, maxCpus: number | undefined): Partial<ComposeService> => {
  const { memory, cpus, pids } = limits;
  const allowed = maxCpus !== undefined && Number(cpus) > maxCpus ? String(maxCpus) : cpus;
  return {
    ...(memory !== "" && { mem_limit: memory }),
    ...(cpus !== "" && { cpus: allowed }),
    ...(pids > 0 && { pids_limit: pids }),
  };
};

/** How long the engine waits before it kills a router that was told to end: until its streams are finished, and a little more. @param drain milliseconds */
export const graceOf = (drain: number, more: number): string => `${Math.ceil(drain / 1000) + more}s`;

/** The engine keeps at most 30 MB of what a container prints. */
export const logRotation: NonNullable<ComposeService["logging"]> = {
  driver: "json-file",
  options: { "max-size": "10m", "max-file": "3" },
};

/**
 * A check every second until it succeeds, every 25 s from then on, every second again after a failure. Engines before 25 know
 * one interval only: a short one (2 s) costs each container 2.3 % of a CPU for as long as it runs (measured), a long one lets every
 * start wait for it.
 * @param probe a shell command; succeeds where the service is well
 */
export const healthcheckOf = (
  probe: string,
  startPeriod: string,
): NonNullable<ComposeService["healthcheck"]> => ({
  test: [
    "CMD-SHELL",
    `[ ! -e /tmp/.healthy ] || sleep 25; if ${probe}; then touch /tmp/.healthy; else rm -f /tmp/.healthy; exit 1; fi`,
  ],
  interval: "1s",
  timeout: "45s",
  retries: 5,
  start_period: startPeriod,
});

/** A service that needs nothing of root: the caller's own user, no capability, a file system that cannot be written. */
export const confined = (uid: string, gid: string) =>
  ({
    init: true,
    user: `${uid}:${gid}`,
    read_only: true,
    tmpfs: ["/tmp:exec,mode=1777"],
    cap_drop: ["ALL"],
    security_opt: ["no-new-privileges:true"],
    restart: "unless-stopped",
    stop_grace_period: "10s",
    logging: logRotation,
  }) satisfies Partial<ComposeService>;
