/** The processes of this machine that listen on a port: from /proc on Linux, from lsof on macOS. */
import { execFile } from "node:child_process";
import { readdir, readFile, readlink } from "node:fs/promises";
import { basename } from "node:path";
import { promisify } from "node:util";

export interface Listener {
  /** `127.0.0.1`, `0.0.0.0`, `::`, … */
  readonly address: string;
  /** Undefined where we have no right to see it. */
  readonly pid?: number;
  /** The program, with the script that it runs; without options, which may hold a key. */
  readonly command?: string;
  /** The user that it runs under, where that is all that is known. */
  readonly uid?: number;
  /** The container that it runs in, with the machine's own network. */
  readonly containerId?: string;
}

/** `0100007F` or four such words: each is a word of the address as the machine keeps it, on all of ours the lowest byte first. */
const addressOf = (hex: string): string => {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, "hex")].toReversed());
  if (bytes.length === 4) return bytes.join(".");
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  if (mapped) return bytes.slice(12).join(".");
  if (bytes.every((byte) => byte === 0)) return "::";
  const groups = bytes.flatMap((byte, i) =>
    i % 2 === 0 ? [((byte << 8) | (bytes[i + 1] ?? 0)).toString(16)] : [],
  );
  return groups.join(":").replace(/^0:0:0:0:0:0:0:1$/, "::1");
};

/** Sockets that listen on `port`, from the text of /proc/net/tcp or tcp6 (proc_net_tcp.txt of the kernel; 0A is LISTEN). */
export const socketsOf = (text: string, port: number): { address: string; uid: number; inode: string }[] =>
  text.split("\n").flatMap((line) => {
    const [, local = "", , state, , , , uid, , inode = ""] = line.trim().split(/\s+/);
    const [hex = "", hexPort = ""] = local.split(":");
    if (state !== "0A" || Number.parseInt(hexPort, 16) !== port) return [];
    return [{ address: addressOf(hex), uid: Number(uid), inode }];
  });

/** What `lsof -F pcn` prints: a line each, by its first letter; `n` is `127.0.0.1:3000`, `*:3000` or `[::1]:3000`. */
export const lsofListeners = (text: string): Listener[] => {
  const listeners: Listener[] = [];
  let [pid, command] = [0, ""];
  for (const line of text.split("\n")) {
    const value = line.slice(1);
    if (line.startsWith("p")) pid = Number(value);
    else if (line.startsWith("c")) command = value;
    else if (line.startsWith("n")) {
      const address = value.slice(0, value.lastIndexOf(":")).replaceAll(/[[\]]/g, "");
      listeners.push({ address: address === "*" ? "0.0.0.0" : address, pid, command });
    }
  }
  return listeners;
};

/** Program and script of a command line, whose arguments are separated by NUL. */
export const commandOf = (commandLine: string): string => {
  const [program = "", ...rest] = commandLine.split("\0");
  const script = rest.find((argument) => argument !== "" && !argument.startsWith("-"));
  const shown = script !== undefined && /^[\w./@-]+\.\w{1,4}$/.test(script) ? ` ${basename(script)}` : "";
  return basename(program) + shown;
};

const textOf = (file: string): Promise<string> => readFile(file, "utf8").catch(() => "");

const holds = async (pid: string, inodes: ReadonlySet<string>): Promise<string | undefined> => {
  const folder = `/proc/${pid}/fd`;
  for (const fd of await readdir(folder).catch(() => [])) {
    const inode = /^socket:\[(\d+)\]$/.exec(await readlink(`${folder}/${fd}`).catch(() => ""))?.[1];
    if (inode !== undefined && inodes.has(inode)) return inode;
  }
  return undefined;
};

const listenersOnLinux = async (port: number): Promise<Listener[]> => {
  const texts = await Promise.all(["/proc/net/tcp", "/proc/net/tcp6"].map(textOf));
  const sockets = texts.flatMap((text) => socketsOf(text, port));
  const inodes = new Set(sockets.map(({ inode }) => inode));
  const owners = new Map<string, Omit<Listener, "address">>();
  for (const pid of inodes.size === 0 ? [] : await readdir("/proc")) {
    if (owners.size === inodes.size) break;
    const inode = /^\d+$/.test(pid) ? await holds(pid, inodes) : undefined;
    if (inode === undefined || owners.has(inode)) continue;
    const command =
      commandOf(await textOf(`/proc/${pid}/cmdline`)) || (await textOf(`/proc/${pid}/comm`)).trim();
    // `/docker/<id>` or `docker-<id>.scope`, whichever the version of control groups.
    const containerId = /\b[0-9a-f]{64}\b/.exec(await textOf(`/proc/${pid}/cgroup`))?.[0];
    owners.set(inode, { pid: Number(pid), command, ...(containerId !== undefined && { containerId }) });
  }
  return sockets.map(({ address, uid, inode }) => ({ address, ...(owners.get(inode) ?? { uid }) }));
};

const listenersByLsof = async (port: number): Promise<Listener[]> => {
  // It ends with 1 where it finds nothing.
  const { stdout } = await promisify(execFile)("lsof", [
    "-nP",
    `-iTCP:${port}`,
    "-sTCP:LISTEN",
    "-Fpcn",
  ]).catch(() => ({ stdout: "" }));
  return lsofListeners(stdout);
};

/** Who listens on a TCP port of this machine, whatever the address. Empty where nobody does, or nothing can be seen. */
export const listenersOn = (port: number): Promise<Listener[]> =>
  process.platform === "linux" ? listenersOnLinux(port) : listenersByLsof(port);
