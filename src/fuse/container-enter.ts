/**
 * One shell inside the container: `docker exec … enter -- CMD`. Registers with the supervisor, waits until the backend is
 * ready, then runs the command as the client's user. Nothing of ours goes to stdout, and the command's exit status is ours.
 */
import { spawn, spawnSync } from "node:child_process";
import { chownSync, mkdtempSync, readdirSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { constants } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isatty } from "node:tty";
import { type ClientSession, clientSessionVariable, parseClientSession } from "../shared/client-session.ts";
import { clientConfigDir, startFailed, supervisorSocket, workspaceDir } from "../shared/container-layout.ts";
import { SwitchyardError, systemCodeOf } from "../shared/errors.ts";
import type { Environment } from "../shared/paths.ts";
import { sessionCommand, writeClientFiles } from "./client-files.ts";
import type { ClientOptions } from "./client-settings.ts";
import {
  clientIdentity,
  networkEnvironment,
  sessionEnvironment,
  withoutPrivileges,
} from "./container-identity.ts";
import type { Greeting, Waiting, Welcome } from "./container-sessions.ts";
import { createLineReader } from "./lines.ts";
import { createNoticeReader, isPlainCommand } from "./router-notices.ts";

const patience = 30_000;

/** Connects to the supervisor and greets it. It may be a moment behind: the container has just been started. */
export const register = async (path: string, greeting: Greeting): Promise<Socket> => {
  const deadline = Date.now() + patience;
  for (;;) {
    try {
      return await new Promise<Socket>((resolve, reject) => {
        const socket = connect(path);
        socket.once("connect", () => {
          socket.write(`${greeting}\n`);
          resolve(socket);
        });
        socket.once("error", reject);
      });
    } catch (error) {
      const code = systemCodeOf(error);
      if ((code !== "ENOENT" && code !== "ECONNREFUSED") || Date.now() > deadline) {
        throw new SwitchyardError("fuse.failed", {
          detail: `the supervisor does not answer (${code ?? "unknown"})`,
          cause: error,
        });
      }
      await sleep(25);
    }
  }
};

/**
 * The supervisor's word that the backend is ready, and with which key; or why it is not.
 * @param onWaiting takes the lines that tell how its start goes
 * @param onLog takes the lines of the backend's log that come afterwards
 */
export const welcomeOf = (
  socket: Socket,
  onWaiting: (line: string) => void,
  onLog: (line: string) => void = () => undefined,
): Promise<Welcome> =>
  new Promise((resolve, reject) => {
    let welcomed = false;
    const lines = createLineReader((line) => {
      if (welcomed) return onLog(line);
      const word = JSON.parse(line) as Waiting | Welcome;
      if ("waiting" in word) return onWaiting(word.waiting);
      welcomed = true;
      return resolve(word);
    });
    socket.setEncoding("utf8").on("data", lines.push);
    socket.once("close", () =>
      reject(new SwitchyardError("fuse.failed", { detail: "the supervisor ended" })),
    );
    socket.once("error", () => undefined);
  });

/**
 * Waits until the backend is ready, and has the container wait a while for the shell that is announced by this. How the start
 * goes is told on stdout, for whoever started this; why it failed on stderr.
 * @returns 0, or `startFailed` where the supervisor itself says why it cannot be @throws SwitchyardError fuse.failed
 */
export const reserve = async (): Promise<number> => {
  const socket = await register(supervisorSocket, "reserve");
  const welcome = await welcomeOf(socket, (line) => void process.stdout.write(`${line}\n`));
  if (welcome.ready) return 0;
  process.stderr.write(`${welcome.problem}\n`);
  return startFailed;
};

/** The exit status of a shell for a child that ended by `code` or `signal`. */
const statusOf = (code: number | null, signal: NodeJS.Signals | null): number =>
  code ?? 128 + (signal === null ? 0 : constants.signals[signal]);

/** A terminal sends these to the command by itself; without one they are passed on like the others. */
const ofTheTerminal = ["SIGINT", "SIGQUIT"] as const;
const passedOn = ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"] as const;

/**
 * Runs `command` (an interactive shell when it is empty) in the workspace; where the environment holds a session, the client with it as its arguments.
 * @returns its exit status, 128 + n where signal n ended it
 * @throws SwitchyardError fuse.failed
 */
export const enter = async (command: readonly string[], env: Environment): Promise<number> => {
  const identity = clientIdentity(env);
  const terminal = isatty(0);
  if (terminal) for (const signal of ofTheTerminal) process.on(signal, () => undefined);
  const socket = await register(supervisorSocket, "enter");
  const session = parseClientSession(env[clientSessionVariable]);
  const plain = isPlainCommand(session === undefined ? command : ["claude", ...command], isatty(1));
  const say = (text: string): void => void process.stderr.write(`switchyard: ${text}\n`);
  const welcome = await welcomeOf(socket, say, plain ? createNoticeReader(say) : undefined);
  if (!welcome.ready) throw new SwitchyardError("fuse.failed", { detail: welcome.problem });

  const client = {
    baseUrl: welcome.baseUrl,
    key: welcome.key,
    configDir: clientConfigDir,
    passthrough: session?.passthrough ?? welcome.passthrough,
    isolated: true,
    uid: identity.uid,
  };
  const environment = sessionEnvironment(
    env,
    identity,
    client,
    networkEnvironment(welcome.proxy, welcome.caFile),
  );
  const given = filesFor(session, client, environment, command);
  const words = given.command;
  const [program = "", ...rest] = withoutPrivileges(identity, words);
  // Before there is a command: a signal that came while it is being started would end us and leave it behind.
  for (const signal of terminal ? passedOn : [...ofTheTerminal, ...passedOn])
    process.on(signal, () => child.kill(signal));
  const child = spawn(program, rest, {
    cwd: workspaceDir,
    env: { ...environment, ...given.env },
    stdio: "inherit",
  });
  return new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(statusOf(code, signal)));
  }).finally(() => {
    // The client's by now, so that it is the client's user who removes it: root may not write there.
    const [rm = "", ...args] = withoutPrivileges(identity, ["/bin/rm", "-rf", "--", given.folder]);
    spawnSync(rm, args, { stdio: "ignore" });
  });
};

/** What the folders of sessions begin with. */
const sessionPrefix = "/tmp/switchyard-";

/** Writes what `claude` needs, for the client's user. @param command of a shell; with a session: arguments of the client */
const filesFor = (
  session: ClientSession | undefined,
  client: ClientOptions,
  inherited: Environment,
  words: readonly string[],
): { folder: string; command: readonly string[]; env: Record<string, string> } => {
  const folder = mkdtempSync(sessionPrefix);
  const { env, bin } = writeClientFiles({
    folder,
    prefix: sessionPrefix,
    program: "/usr/local/bin/claude",
    client,
    session,
    inherited,
  });
  const own = words.length > 0 ? words : ["bash"];
  const command = session === undefined ? own : sessionCommand(folder, session.team, words);
  const { uid } = client;
  if (uid !== undefined) {
    for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }))
      chownSync(join(folder, name), uid, -1);
    chownSync(folder, uid, -1);
  }
  return { folder, command, env: { ...env, PATH: `${bin}:${inherited["PATH"] ?? ""}` } };
};
