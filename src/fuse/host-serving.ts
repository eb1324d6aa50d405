/** What serves a shell or a session on the host: a router that it joined, or a backend of its own, which also takes the place of a joined one that ended. */
import { join } from "node:path";
import type { BackendName } from "../shared/backends.ts";
import { messageOf, type SwitchyardError } from "../shared/errors.ts";
import { sessionKeyVariable } from "../shared/session-key.ts";
import { type BackendProcess, startBackendProcess } from "./backend-process.ts";
import type { HostShellOptions } from "./host.ts";
import type { HostStart } from "./host-backends.ts";
import { sessionsJoinedTo, tellRouter } from "./host-runs.ts";
import { type JoinedRouter, joinRouter, servesTurns } from "./joined-router.ts";
import { openLogFile } from "./log-file.ts";
import { createNoticeReader, isPlainCommand } from "./router-notices.ts";

/** Where `switchyard logs` finds what a backend says. */
export const backendLogFile = (stateDir: string, backend: BackendName): string =>
  join(stateDir, "logs", `${backend}.log`);

/** The router's. */
export const routerLogFile = (stateDir: string): string => backendLogFile(stateDir, "router");

/** How long the router's keeper has to start it again before a connection is given up, in milliseconds. */
const restartPatience = 15_000;

export interface Serving {
  /** Joins or starts it. @throws SwitchyardError fuse.routerFailed, fuse.litellmFailed, litellm.missing */
  reach(): Promise<{ url: string; key: string }>;
  /** Ends what was started, and takes back what was told of it. */
  end(): Promise<void>;
}

/** @param run the folder of this shell @param env the user's, without secrets */
export const servingOf = (
  options: HostShellOptions,
  run: string,
  env: Readonly<Record<string, string>>,
): Serving => {
  const { served, stateDir, config, say } = options;
  let running: BackendProcess | undefined;
  let starting: Promise<unknown> = Promise.resolve();
  let joined: JoinedRouter | undefined;
  let unfollow: (() => void) | undefined;

  const startNow = async (key?: string): Promise<{ url: string; key: string }> => {
    const start = await served.prepare({ folder: run, env, ...(key !== undefined && { clientKey: key }) });
    const { clientKey } = start;
    const started = await startBackend(options, start);
    running = started;
    tellRouter(run, "router", started.url);
    unfollow = options.follow?.((variables) =>
      started.send(JSON.stringify({ ...variables, [sessionKeyVariable]: clientKey })),
    );
    return { url: started.url, key: clientKey };
  };
  const startOwn = (key?: string): Promise<{ url: string; key: string }> => {
    const started = startNow(key);
    starting = started.catch(() => undefined);
    return started;
  };

  /** In the place of a joined router that has ended. */
  const startInstead = async (name: string, key: string): Promise<string> => {
    if (running !== undefined) return untilServing(running, stateDir);
    try {
      const { url } = await startOwn(key);
      warn(options, `the router of ${name} has ended: this session goes on with one of its own`);
      return url;
    } catch (error) {
      // The client sees no more than a connection that ends, and asks again.
      warn(
        options,
        `the router of ${name} has ended, and one of this session's own does not start: ${messageOf(error)}`,
      );
      throw error;
    }
  };

  return {
    reach: async () => {
      const { join: other } = options;
      if (other === undefined) return startOwn();
      joined = await joinRouter(other, stateDir, (key) => startInstead(other.name, key)).catch(
        (error: SwitchyardError) => {
          say(`this session cannot tell the router of ${other.name} its key: ${error.message}`);
          return undefined;
        },
      );
      if (joined === undefined) {
        say(`the router of ${other.name} does not take this session: starting one of its own`);
        return startOwn();
      }
      tellRouter(run, "joined", other.url);
      return joined;
    },
    end: async () => {
      // First, for as long as it stands the client's last connections may start a router.
      await joined?.leave().catch((error: SwitchyardError) => say(error.message));
      await starting;
      unfollow?.();
      if (running === undefined) return;
      const others = sessionsJoinedTo(stateDir, running.url);
      if (others === 0) return running.stop();
      // Their turns end as on a router that is asked to end; their next ones find another.
      const telling = setTimeout(
        () =>
          say("this router ends once turns of other sessions that joined it have; Ctrl-C ends it at once"),
        2_000,
      );
      await running.stop(config.server.drain + 2_000);
      clearTimeout(telling);
    },
  };
};

/** A router that crashed is started again by who keeps it, at the same URL; meanwhile any program may have its port. */
const untilServing = async (own: BackendProcess, stateDir: string): Promise<string> => {
  for (const end = Date.now() + restartPatience; Date.now() < end;) {
    if (own.pid() !== undefined && (await servesTurns(own.url, stateDir))) return own.url;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`${own.url} does not answer`);
};

/** To the log always; to the user where the client's screen is not written over by it. */
const warn = (options: HostShellOptions, words: string): void => {
  openLogFile(backendLogFile(options.stateDir, options.served.backend.name)).write(
    `${JSON.stringify({ level: 40, msg: words })}\n`,
  );
  tellOf(options)(words);
};

/** The client's screen is not to be written over: while it fills the terminal, the log alone is told. */
const tellOf = ({ session, command, say }: HostShellOptions): ((line: string) => void) => {
  const words = session === undefined ? command : ["claude", ...command];
  return isPlainCommand(words, process.stdout.isTTY) ? say : () => undefined;
};

const startBackend = (options: HostShellOptions, start: HostStart): Promise<BackendProcess> => {
  const { backend } = options.served;
  const tell = tellOf(options);
  return startBackendProcess({
    backend,
    argv: start.argv,
    env: start.env,
    cwd: start.cwd,
    stdin: start.stdin,
    logFile: backendLogFile(options.stateDir, backend.name),
    onLogLine: createNoticeReader(tell),
    onRestart: (reason) => tell(`${backend.title} ended (${reason}); it is started again`),
    onWaiting: options.say,
  });
};
