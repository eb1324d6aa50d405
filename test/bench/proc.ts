/** What Linux says of a process and its children. On other systems the figures are missing (NaN), not guessed. */
import { readdirSync, readFileSync } from "node:fs";

const read = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
};

const entries = (path: string): string[] => {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
};

/** A process and all that descend from it, itself first. */
export const tree = (pid: number): number[] => {
  const children = entries(`/proc/${pid}/task`).flatMap((task) =>
    read(`/proc/${pid}/task/${task}/children`).split(" ").filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(tree)];
};

/**
 * CPU seconds that a process tree has used, user and system. From the scheduler's own clock in nanoseconds where the kernel
 * shows it (the ticks of /proc/<pid>/stat are 10 ms, too coarse for a short run); threads that have ended are not in it.
 */
export const cpuSeconds = (pid: number): number => {
  let nanoseconds = 0;
  let ticks = 0;
  for (const each of tree(pid)) {
    for (const task of entries(`/proc/${each}/task`))
      nanoseconds += Number(read(`/proc/${each}/task/${task}/schedstat`).split(" ")[0] ?? 0);
    // Fields 14 and 15; the name in parentheses may hold spaces.
    const fields = read(`/proc/${each}/stat`).split(") ").at(-1)!.split(" ");
    ticks += Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  }
  if (nanoseconds > 0) return nanoseconds / 1e9;
  return ticks > 0 ? ticks / 100 : Number.NaN;
};

/** CPU seconds of a process' first thread alone: of Node its event loop. NaN where the kernel does not show it. */
export const mainThreadSeconds = (pid: number): number =>
  Number(read(`/proc/${pid}/task/${pid}/schedstat`).split(" ")[0] || Number.NaN) / 1e9;

/** Resident memory of a process tree in MB (10^6 bytes). */
export const residentMegabytes = (pid: number): number => {
  let kilobytes = 0;
  for (const each of tree(pid))
    kilobytes += Number(/VmRSS:\s+(\d+)/.exec(read(`/proc/${each}/status`))?.[1] ?? 0);
  return kilobytes > 0 ? (kilobytes * 1024) / 1e6 : Number.NaN;
};

/** The most that each of them has held at once, added up: the peak of the whole, or somewhat more. MB (10^6 bytes). */
export const peakMegabytes = (pid: number): number => {
  let kilobytes = 0;
  for (const each of tree(pid))
    kilobytes += Number(/VmHWM:\s+(\d+)/.exec(read(`/proc/${each}/status`))?.[1] ?? 0);
  return kilobytes > 0 ? (kilobytes * 1024) / 1e6 : Number.NaN;
};

/** Of the machine as a whole: how busy its processors were between two calls, of all its cores (0 to 1). */
export const machineBusy = (): (() => number) => {
  const sample = (): { busy: number; all: number } => {
    const fields = (read("/proc/stat").split("\n")[0] ?? "").split(/\s+/).slice(1, 9).map(Number);
    const all = fields.reduce((sum, each) => sum + each, 0);
    return { busy: all - (fields[3] ?? 0) - (fields[4] ?? 0), all };
  };
  const before = sample();
  return () => {
    const now = sample();
    return (now.busy - before.busy) / (now.all - before.all);
  };
};
