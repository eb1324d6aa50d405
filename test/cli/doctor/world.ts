/** What the failures of `switchyard doctor` are made with: one sandbox at a time, and what was started for it. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import type { Found, Patient } from "../../../src/cli/doctor/check.ts";
import { connect } from "../../../src/engine/connect.ts";
import { type Sandbox, sandbox } from "../../support/cli.ts";
import { type EngineWorld, startEngine } from "../../support/scripted-engine.ts";

/** Of the test that runs. */
export let own: Sandbox;
/** What is to be ended behind it. */
export const ends: (() => unknown)[] = [];

export const begin = (): void => {
  own = sandbox();
};
export const end = async (): Promise<void> => {
  for (const each of ends.splice(0)) await each();
  own.remove();
};

export const at = (...path: string[]): string => join(own.folder, ...path);
export const put = (file: string, text: string, mode = 0o600): string => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text, { mode });
  chmodSync(file, mode);
  return file;
};

/** Listens on a free port of loopback. */
export const listen = async (answer: RequestListener): Promise<number> => {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  ends.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
};

/** The machine with an engine. @param tools programs in its PATH, which has no other; their scripts */
export const withEngine = async (
  world: EngineWorld,
  tools: Record<string, string> = {},
): Promise<Partial<Patient>> => {
  for (const [name, text] of Object.entries(tools)) put(at("tools", name), `#!/bin/sh\n${text}\n`, 0o755);
  const env = { HOME: own.home, PATH: at("tools") };
  const started = await startEngine(at("engine.sock"), world, env);
  ends.push(() => started.close());
  return { engine: started.engine, engineProblem: undefined, env };
};

/** No engine, for the reason for which the real search finds none. */
export const withoutEngine = async (host: string): Promise<Partial<Patient>> => ({
  engineProblem: await connect({ HOME: own.home, DOCKER_HOST: host }).then(
    () => undefined,
    (error: unknown) => error,
  ),
});

export interface Failure {
  readonly what: string;
  /** Breaks it. @returns the machine, looked at anew each time */
  readonly make: () => (() => Patient) | Promise<() => Patient>;
  readonly state: Exclude<Found["state"], "ok">;
  readonly words: RegExp;
  /** `--fix` mends it, and then this is so. */
  readonly fixed?: () => boolean;
}
