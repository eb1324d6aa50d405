/** A router in this process, on a free port, with a configuration written as a user would write it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../src/config/load.ts";
import type { Config } from "../../src/config/types.ts";
import { adminHeader, readMachineSecret } from "../../src/shared/access-files.ts";
import { startRouter } from "../../src/router/main.ts";
import type { Reloaded } from "../../src/router/reload/reloader.ts";

export interface TestRouter {
  url: string;
  /** What opens the administration: the header of this machine's secret. */
  admin: Record<string, string>;
  /** Folder of client keys and of the administrator's token. */
  access: string;
  /** The configuration's file. */
  file: string;
  /** Every log line so far. */
  logs: string[];
  /** `POST /v1/messages` with these fields over a small valid request. */
  ask(body?: object, headers?: Record<string, string>): Promise<Response>;
  /** Writes another configuration and reloads. */
  change(yaml: string): Promise<Reloaded>;
  /** As `RunningRouter.close`. */
  end(grace?: number): Promise<void>;
  close(): Promise<void>;
}

export const smallRequest = {
  model: "claude-sonnet-4-5",
  max_tokens: 64,
  messages: [{ role: "user", content: "say hi" }],
};

/** Suites are run once more with several processes: test/router/workers/suites.test.ts. */
const withWorkers = (config: Config): Config => {
  const workers = process.env["ROUTER_WORKERS"];
  return workers === undefined
    ? config
    : { ...config, server: { ...config.server, workers: Number(workers) } };
};

/** @param yaml the user's configuration; @param env the variables it refers to */
export const testRouter = async (
  yaml: string,
  env: Record<string, string> = {},
  options: { readonly stateFile?: string } = {},
): Promise<TestRouter> => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-test-"));
  const file = join(folder, "switchyard.yaml");
  writeFileSync(file, yaml);
  const load = (): Config => withWorkers(loadConfig({ file, env, keyFiles: false }));
  const logs: string[] = [];
  const access = join(folder, "access");
  const router = await startRouter({
    config: load(),
    load: async () => load(),
    accessFolder: access,
    edited: {
      file,
      backups: join(access, "config-backups"),
      check: async (fileText) => loadConfig({ file, env, keyFiles: false, fileText }),
    },
    port: 0,
    ...options,
    write: (line) => logs.push(line),
  });
  return {
    url: router.url,
    admin: { [adminHeader]: readMachineSecret(access) ?? "" },
    access,
    file,
    logs,
    ask: (body = {}, headers = {}) =>
      fetch(`${router.url}/v1/messages?beta=true`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify({ ...smallRequest, ...body }),
      }),
    change: (text) => {
      writeFileSync(file, text);
      return router.reload();
    },
    end: (grace) => router.close(grace),
    close: async () => {
      await router.close(100);
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** The events of an Anthropic stream, in order. */
export const eventsOf = (sse: string): { event: string; data: Record<string, unknown> }[] =>
  sse
    .split("\n\n")
    .filter((frame) => frame.startsWith("event: "))
    .map((frame) => {
      const [event, data] = frame.split("\n");
      return { event: event!.slice(7), data: JSON.parse(data!.slice(6)) as Record<string, unknown> };
    });
