/**
 * The supervisor of a fused container, its init's only child. It starts as root with few capabilities, closes the secrets,
 * starts the backend under a user of its own, seeds the client's settings, and lives as long as there are shells.
 * Everything that it and the backend say goes to stderr: the container's log.
 */
import { once } from "node:events";
import type { Backend } from "../shared/backends.ts";
import {
  backendDir,
  backendUid,
  clientConfigDir,
  clientHome,
  endedFromOutside,
  supervisorSocket,
} from "../shared/container-layout.ts";
import { messageOf, SwitchyardError } from "../shared/errors.ts";
import type { Environment } from "../shared/paths.ts";
import { type BackendProcess, startBackendProcess } from "./backend-process.ts";
import { sharedSettings } from "./client-settings.ts";
import { type BackendStart, backendStart } from "./container-backends.ts";
import {
  clientIdentity,
  helperEnvironment,
  type Identity,
  networkEnvironment,
  node,
  withoutPrivileges,
} from "./container-identity.ts";
import { closeRunFolders, takeOver, writeManagedSettings } from "./container-secrets.ts";
import { createSessions } from "./container-sessions.ts";
import { giveHome, giveState, runHelper } from "./container-volumes.ts";
import { isNotice } from "./router-notices.ts";

/** Runs a script of ours, by its path below src/ in the image. */
const script = (file: string): string[] => [...node, `/opt/switchyard/src/${file}`];

/** A container to which no shell comes ends by itself, in milliseconds. */
const patience = 60_000;

/** Longer than any drain: the engine's own patience, which goes by server.drain, ends it. Milliseconds. */
const drainGrace = 3_600_000;

const say = (line: string): void => void process.stderr.write(`switchyard: ${line}\n`);

/** Aborts when the container is asked to end. */
const endOfContainer = (): AbortSignal => {
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stop.abort());
  // Not for us, and no reason to end.
  for (const signal of ["SIGUSR1", "SIGUSR2", "SIGHUP"] as const) process.on(signal, () => undefined);
  return stop.signal;
};

/**
 * Runs until the last shell has left, or a signal ends the container.
 * @returns the container's exit status: 0 where it ended with its last shell
 */
export const supervise = async (env: Environment, backend: Backend): Promise<number> => {
  const client = clientIdentity(env);
  const backendId = backendUid(client.uid);
  const identity: Identity = { uid: backendId, gid: backendId };
  const stop = endOfContainer();

  let start: BackendStart | undefined;
  const { handover, caFile } = await takeOver(identity, backend.configSecret, (given, configFile) => {
    start = backendStart(backend, given, configFile);
    return start.keysFile;
  });
  if (start === undefined) throw new SwitchyardError("internal", { detail: "the secrets were not read" });
  const network = networkEnvironment(handover.proxy, caFile);
  const baseUrl = `http://127.0.0.1:${backend.port}`;
  const passthrough = backend.forwardsLogin && handover.passthrough;
  const sessions = createSessions(patience);
  await sessions.listen(supervisorSocket);
  await closeRunFolders(identity);

  /** All who waited have given up. Whoever comes now starts another container, once this one has ended. */
  const abandoned = new AbortController();
  void sessions.over.then(() => abandoned.abort());

  let running: BackendProcess | undefined;
  try {
    const options = {
      baseUrl,
      key: start.clientKey,
      configDir: clientConfigDir,
      passthrough,
      isolated: true,
      uid: client.uid,
    };
    await writeManagedSettings(sharedSettings(options, network), backend.name, identity);
    await giveHome(client);
    if (backend.keepsState) await giveState(identity, handover.adminHash);
    const command = withoutPrivileges(identity, start.command);
    const started = startBackendProcess({
      backend,
      argv: () => command,
      env: { ...helperEnvironment(backendDir, network), ...start.env },
      cwd: "/",
      port: backend.port,
      ...(start.stdin !== undefined && { stdin: start.stdin }),
      signal: AbortSignal.any([stop, abandoned.signal]),
      onLogLine: (line) => {
        process.stderr.write(`${line}\n`);
        if (isNotice(line)) sessions.log(line);
      },
      onRestart: (reason) => say(`${backend.title} ended (${reason}): starting it again`),
      onWaiting: (line) => sessions.waiting(line),
    });
    const seeded = runHelper(
      withoutPrivileges(client, [
        ...script("fuse/container-main.ts"),
        "seed",
        (handover.models ?? []).join("\n"),
      ]),
      helperEnvironment(clientHome, {}),
    );
    [running] = await Promise.all([started, seeded]);
  } catch (error) {
    const problem = error instanceof SwitchyardError ? (error.detail ?? error.message) : messageOf(error);
    say(problem);
    sessions.announce({ ready: false, problem });
    sessions.close();
    return 1;
  }
  sessions.announce({
    ready: true,
    baseUrl,
    passthrough,
    key: start.clientKey,
    proxy: handover.proxy,
    ...(caFile !== undefined && { caFile }),
  });
  const why = await Promise.race([sessions.over, aborted(stop)]);
  sessions.close();
  // A signal may come in the middle of an answer; when the last shell has left, nobody reads one.
  await running.stop(why === "signal" && backend.drains ? drainGrace : undefined);
  if (why === "nobody") say(`no shell came within ${patience / 1000} s: ending`);
  return why === "left" ? 0 : endedFromOutside;
};

const aborted = async (signal: AbortSignal): Promise<"signal"> => {
  if (!signal.aborted) await once(signal, "abort");
  return "signal";
};
