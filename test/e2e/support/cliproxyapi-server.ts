/** A real CLIProxyAPI of the pinned version on loopback: a server that none of us wrote, to put between router and provider. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { startWayOut } from "../../support/way-out.ts";
import { root } from "./project.ts";
import { type ServerProcess, startServer } from "./server-process.ts";

export interface CliproxyapiServer extends ServerProcess {
  /** One of its `api-keys`. */
  key: string;
  /** Hosts outside of this machine that it asked for. None was reached. */
  outside: readonly string[];
}

/** Path of the program, which is built where it is not in the cache yet. */
export const cliproxyapiProgram = async (): Promise<string> => {
  const built = await promisify(execFile)(join(root, "scripts/cliproxyapi.sh"), { maxBuffer: 1 << 24 });
  return built.stdout.trim();
};

/** The models that a CLIProxyAPI offers. */
export const modelsOf = async (url: string, key: string): Promise<unknown[]> => {
  const answer = await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
  return ((await answer.json()) as { data?: unknown[] }).data ?? [];
};

/**
 * Builds CLIProxyAPI where it is not in the cache yet, and starts it. Requests that fail are neither tried again nor do they cool anything
 * down: each request of a test stands for itself.
 * @param providers its sections of keys (`claude-api-key` and the like), as its config.example.yaml describes them; @param models how many
 *   models these offer together
 */
export const startCliproxyapi = async (providers: object, models: number): Promise<CliproxyapiServer> => {
  const program = await cliproxyapiProgram();
  const out = await startWayOut({});
  const key = "sk-cliproxyapi-0123456789";
  try {
    const server = await startServer((port, file, folder) => ({
      name: "CLIProxyAPI",
      program,
      // The catalogue of models that it was built with, not that of the day.
      args: ["-config", file, "-local-model"],
      config: {
        host: "127.0.0.1",
        port,
        "remote-management": { "allow-remote": false, "secret-key": "", "disable-control-panel": true },
        "auth-dir": join(folder, "auth"),
        "api-keys": [key],
        "request-retry": 0,
        "disable-cooling": true,
        ...providers,
      },
      env: { HTTPS_PROXY: out.url, HTTP_PROXY: out.url },
      // It answers before it knows its providers.
      ready: async (url) => (await modelsOf(url, key)).length >= models,
    }));
    const close = async (): Promise<void> => {
      await server.close();
      await out.close();
    };
    return { ...server, key, outside: out.refused, close };
  } catch (error) {
    await out.close();
    throw error;
  }
};
