/**
 * The supervisor of a fused container, its init's only child. It starts as root with few capabilities, closes the secrets,
 * starts the router under a user of its own, seeds the client's settings, and lives as long as there are shells.
 * Everything that it and the router say goes to stderr: the container's log.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import {
  clientConfigDir,
  clientHome,
  clientKeyVariable,
  routerDir,
  routerPort,
  routerUid,
  supervisorSocket,
} from "../shared/container-layout.ts";
import { messageOf, SwitchyardError, systemCodeOf } from "../shared/errors.ts";
import type { Environment } from "../shared/paths.ts";
import { pinnedSettings } from "./client-settings.ts";
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
import { isNotice } from "./router-notices.ts";
import { type RouterProcess, startRouterProcess } from "./router-process.ts";

/** Runs a script of ours, by its path below src/ in the image. */
const script = (file: string): string[] => [...node, `/opt/switchyard/src/${file}`];

/** A container to which no shell comes ends by itself, in milliseconds. */
const patience = 60_000;
const routerPatience = 20_000;

const baseUrl = `http://127.0.0.1:${routerPort}`;

const say = (line: string): void => void process.stderr.write(`switchyard: ${line}\n`);

/** Runs a helper of ours to its end. */
const run = async (command: readonly string[], env: Record<string, string>): Promise<void> => {
  const [name = "", ...args] = command;
  const child = spawn(name, args, { env, stdio: ["ignore", 2, 2] });
  const [status] = (await once(child, "exit")) as [number | null];
  if (status !== 0)
    throw new SwitchyardError("fuse.routerFailed", {
      detail: `${args.at(-1) ?? name}: ended with ${status}`,
    });
};

/** True where `path` belongs to the client, or is not there. */
const isOwn = async (path: string, client: Identity): Promise<boolean> => {
  try {
    const { uid, gid } = await stat(path);
    return uid === client.uid && gid === client.gid;
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return true;
    throw error;
  }
};

/** Gives the home volume to the client: the engine makes it for root, and it may have been another user's before. */
const giveHome = async (client: Identity): Promise<void> => {
  if ((await isOwn(clientHome, client)) && (await isOwn(clientConfigDir, client))) return;
  // Links are not followed: neither out of the volume nor at all.
  await run(
    ["chown", "-R", "-h", "-P", `${client.uid}:${client.gid}`, clientHome],
    helperEnvironment("/", {}),
  );
};

/**
 * Runs until the last shell has left, or a signal ends the container.
 * @returns the container's exit status
 */
export const supervise = async (env: Environment): Promise<number> => {
  const client = clientIdentity(env);
  const routerId = routerUid(client.uid);
  const routerIdentity = { uid: routerId, gid: routerId };
  const stop = Promise.withResolvers<"signal">();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stop.resolve("signal"));
  // Not for us, and no reason to end.
  for (const signal of ["SIGUSR1", "SIGUSR2", "SIGHUP"] as const) process.on(signal, () => undefined);

  const taken = await takeOver(routerIdentity);
  const { handover, configFile, caFile } = taken;
  const network = networkEnvironment(handover.proxy, caFile);
  const key = handover.keys[clientKeyVariable] ?? `sy-${randomBytes(24).toString("hex")}`;
  const sessions = createSessions(patience);
  await sessions.listen(supervisorSocket);
  await closeRunFolders(routerIdentity);

  let router: RouterProcess | undefined;
  try {
    const options = {
      baseUrl,
      key,
      configDir: clientConfigDir,
      passthrough: handover.passthrough,
      isolated: true,
      uid: client.uid,
    };
    await writeManagedSettings(pinnedSettings(options, network), routerIdentity);
    await giveHome(client);
    const command = withoutPrivileges(routerIdentity, [
      ...script("cli/main.ts"),
      "router",
      "--config",
      configFile,
      "--host",
      "0.0.0.0",
      "--port",
      String(routerPort),
      "--keys-stdin",
    ]);
    const started = startRouterProcess({
      argv: () => command,
      env: helperEnvironment(routerDir, network),
      cwd: "/",
      port: routerPort,
      // Through a pipe: the keys stand in no environment and on no command line.
      stdin: JSON.stringify({ ...handover.keys, [clientKeyVariable]: key }),
      readyTimeout: routerPatience,
      onLogLine: (line) => {
        process.stderr.write(`${line}\n`);
        if (isNotice(line)) sessions.log(line);
      },
      onRestart: (reason) => say(`the router ended (${reason}): starting it again`),
    });
    const seeded = run(
      withoutPrivileges(client, [...script("fuse/container-main.ts"), "seed"]),
      helperEnvironment(clientHome, {}),
    );
    [router] = await Promise.all([started, seeded]);
  } catch (error) {
    const problem = error instanceof SwitchyardError ? (error.detail ?? error.message) : messageOf(error);
    say(problem);
    sessions.announce({ ready: false, problem });
    sessions.close();
    return 1;
  }
  sessions.announce({
    ready: true,
    passthrough: handover.passthrough,
    key,
    proxy: handover.proxy,
    ...(caFile !== undefined && { caFile }),
  });
  const why = await Promise.race([sessions.over, stop.promise]);
  sessions.close();
  await router.stop();
  if (why === "nobody") say(`no shell came within ${patience / 1000} s: ending`);
  return 0;
};
