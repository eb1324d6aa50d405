/**
 * Questions to the router of a fused container, by `docker exec`: the answer goes to stdout as one line of JSON (RouterReply). Only root with its
 * capabilities can give a new configuration: the folder that it goes to is closed to the client, whatever its user.
 */
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import {
  backendDir,
  backendKeysFile,
  backendUid,
  clientKeyVariable,
  configSecret,
  routerStateDir,
  supervisorSocket,
  type RouterReply,
} from "../shared/container-layout.ts";
import { adminHeader, readMachineSecret } from "../shared/access-files.ts";
import { SwitchyardError } from "../shared/errors.ts";
import { isJsonObject, parseJsonObject } from "../shared/json.ts";
import type { Environment } from "../shared/paths.ts";
import { sessionKeyVariable } from "../shared/session-key.ts";
import { register, welcomeOf } from "./container-enter.ts";
import { clientIdentity } from "./container-identity.ts";
import type { Welcome } from "./container-sessions.ts";

type Door = Extract<Welcome, { ready: true }>;

/** Longer than a reload takes on a busy machine, in milliseconds. */
const patience = 60_000;

/** Runs `work` with the way to the router. The container does not wait for us. @throws SwitchyardError fuse.failed */
const visit = async <T>(work: (door: Door) => Promise<T>): Promise<T> => {
  const socket = await register(supervisorSocket, "visit");
  try {
    const welcome = await welcomeOf(socket, () => undefined);
    if (!welcome.ready) throw new SwitchyardError("fuse.failed", { detail: welcome.problem });
    return await work(welcome);
  } finally {
    socket.destroy();
  }
};

const request = async (door: Door, method: string, path: string, body?: string): Promise<RouterReply> => {
  const answer = await fetch(`${door.baseUrl}${path}`, {
    method,
    headers: {
      // Whoever gets here is root: the client cannot read the folder that it lies in.
      [adminHeader]: readMachineSecret(routerStateDir) ?? "",
      ...(body && { "content-type": "application/json" }),
    },
    ...(body && { body }),
    signal: AbortSignal.timeout(patience),
  });
  return { status: answer.status, body: await answer.text() };
};

const tell = (reply: RouterReply): number => {
  process.stdout.write(`${JSON.stringify(reply)}\n`);
  return 0;
};

/** Leaves root behind, for the one user that may read and write where the backend does. */
const becomeBackend = (env: Environment): void => {
  const id = backendUid(clientIdentity(env).uid);
  process.setgroups?.([]);
  process.setgid?.(id);
  process.setuid?.(id);
};

/** Passes one request on; its body is what comes on stdin. */
export const ask = async (env: Environment, method: string, path: string): Promise<number> => {
  const body = method === "GET" ? "" : await text(process.stdin);
  const reply = await visit((door) => {
    becomeBackend(env);
    return request(door, method, path, body);
  });
  return tell(reply);
};

/** @returns puts the old one back */
const replace = async (file: string, content: string): Promise<() => Promise<void>> => {
  const write = async (given: string | Buffer): Promise<void> => {
    const beside = `${file}.${process.pid}.tmp`;
    await rm(beside, { force: true });
    await writeFile(beside, given, { mode: 0o400 });
    await rename(beside, file);
  };
  const old = await readFile(file);
  await write(content);
  return () => write(old);
};

/** Takes `{config, keys}` from stdin (config/container.ts makes both), and has the router read it. What it refuses is taken back. */
export const reload = async (env: Environment): Promise<number> => {
  const given = parseJsonObject(await text(process.stdin));
  const { config, keys } = given ?? {};
  if (typeof config !== "string" || !isJsonObject(keys))
    throw new SwitchyardError("fuse.failed", { detail: "stdin is no configuration with its keys" });
  const reply = await visit(async (door) => {
    becomeBackend(env);
    const undo = [
      await replace(join(backendDir, configSecret), config),
      // The client goes on with the key that it has.
      await replace(
        backendKeysFile,
        JSON.stringify({ ...keys, [clientKeyVariable]: door.key, [sessionKeyVariable]: door.key }),
      ),
    ];
    const answer = await request(door, "POST", "/api/reload");
    if (answer.status !== 200) for (const each of undo) await each();
    return answer;
  });
  return tell(reply);
};
