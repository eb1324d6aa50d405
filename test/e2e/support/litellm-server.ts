/** A real LiteLLM of the pinned version on loopback, with a configuration of a test's own: a server that none of us wrote, to put between router and provider. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfig } from "../../../src/config/load.ts";
import { provideLitellm } from "../../../src/fuse/litellm-install.ts";
import { root } from "./project.ts";
import { type ServerProcess, startServer } from "./server-process.ts";

export interface LitellmServer extends ServerProcess {
  /** Opens everything. */
  key: string;
}

/** What LiteLLM calls a provider that speaks this form, and where that form's addresses begin. */
export interface Leg {
  model: string;
  /** Added to the provider's address. */
  path: string;
}

/** The Python of the pinned LiteLLM, which is installed where it is not in the cache yet. */
export const pinnedLitellm = (): Promise<string> => {
  const { version } = loadConfig({ env: {}, keyFiles: false }).stack.litellm;
  return provideLitellm({
    version,
    requirements: join(root, "images/litellm/requirements.txt"),
    env: process.env,
    say: () => undefined,
  });
};

const start = ["-B", join(root, "images/litellm/start.py"), "--end-with-stdin", "--host", "127.0.0.1"];

/** Starts it on the text of a configuration as somebody wrote it. @param env variables that the text refers to */
export const startRealLitellm = async (text: string, env: Record<string, string>): Promise<ServerProcess> => {
  const program = await pinnedLitellm();
  return startServer((port, _file, folder) => {
    const file = join(folder, "its-own.yaml");
    writeFileSync(file, text);
    return {
      name: "LiteLLM",
      program,
      args: [...start, "--port", String(port), "--config", file],
      config: {},
      env: { PYTHONUNBUFFERED: "1", ...env },
      ready: isReady,
      input: "{}\n",
    };
  });
};

const isReady = async (url: string): Promise<boolean> => (await fetch(`${url}/health/readiness`)).ok;

/**
 * Installs LiteLLM where it is not in the cache yet, and starts it. Models that fail are neither tried again nor cooled down: each request of a
 * test stands for itself.
 * @param legs by the name under which LiteLLM serves them; @param provider address of the scripted provider
 */
export const startLitellm = async (
  legs: Readonly<Record<string, Leg>>,
  provider: string,
): Promise<LitellmServer> => {
  const python = await pinnedLitellm();
  const key = "sk-litellm-0123456789";
  const config = {
    model_list: Object.entries(legs).map(([name, { model, path }]) => ({
      model_name: name,
      litellm_params: { model, api_base: `${provider}${path}`, api_key: "sk-provider-0123456789" },
    })),
    general_settings: { master_key: key },
    litellm_settings: { num_retries: 0, telemetry: false, drop_params: true },
    router_settings: { num_retries: 0, disable_cooldowns: true },
  };
  const server = await startServer((port, file) => ({
    name: "LiteLLM",
    program: python,
    args: [...start, "--port", String(port), "--config", file],
    config,
    env: { PYTHONUNBUFFERED: "1" },
    ready: isReady,
    input: "{}\n",
  }));
  return { ...server, key };
};
