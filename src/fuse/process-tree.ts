/** Ends a process together with everything that it started, by process ids only. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** Parent of each process of the machine. */
const parents = (): Map<number, number> => {
  const out = new Map<number, number>();
  try {
    for (const name of readdirSync("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      try {
        // `pid (name) state ppid …`; the name may itself contain spaces and parentheses.
        const stat = readFileSync(`/proc/${name}/stat`, "latin1");
        const parent = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
        out.set(Number(name), Number(parent));
      } catch {
        // It has ended since.
      }
    }
    if (out.size > 0) return out;
  } catch {
    // No /proc: macOS.
  }
  try {
    const text = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" });
    for (const line of text.split("\n")) {
      const [pid, parent] = line.trim().split(/\s+/).map(Number);
      if (pid !== undefined && parent !== undefined) out.set(pid, parent);
    }
  } catch {
    // Without either only the process itself is known.
  }
  return out;
};

/** Process ids of everything that `pid` started, and what those started, in no particular order. */
export const descendantsOf = (pid: number): number[] => {
  const children = new Map<number, number[]>();
  for (const [child, parent] of parents()) {
    const list = children.get(parent);
    if (list === undefined) children.set(parent, [child]);
    else list.push(child);
  }
  const found: number[] = [];
  const queue = [pid];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const child of children.get(next) ?? []) {
      found.push(child);
      queue.push(child);
    }
  }
  return found;
};

/** Sends a signal; false when there is no such process any more. */
export const signalProcess = (pid: number, signal: NodeJS.Signals | 0): boolean => {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
};

/** True while a process with that id is there (a zombie counts). */
export const isRunning = (pid: number): boolean => signalProcess(pid, 0);
