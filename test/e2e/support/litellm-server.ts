/** A real LiteLLM of the pinned version on loopback, with a configuration of a test's own: a server that none of us wrote, to put between router and provider. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../../src/config/load.ts";
import { provideLitellm } from "../../../src/fuse/litellm-install.ts";
import { until } from "../../support/cli.ts";
import { root } from "./project.ts";

export interface LitellmServer {
  /** `http://127.0.0.1:port` */
  url: string;
  /** Opens everything. */
  key: string;
  /** What it printed so far. */
  log(): string;
  close(): Promise<void>;
}

/** What LiteLLM calls a provider that speaks this form, and where that form's addresses begin. */
export interface Leg {
  model: string;
  /** Added to the provider's address. */
  path: string;
}

const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};

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
  const folder = mkdtempSync(join(tmpdir(), "switchyard-litellm-"));
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
  // JSON is YAML.
  writeFileSync(join(folder, "config.yaml"), JSON.stringify(config));
  const port = await freePort();
  const start = ["-B", join(root, "images/litellm/start.py"), "--config", join(folder, "config.yaml")];
  const child = spawn(python, [...start, "--host", "127.0.0.1", "--port", String(port), "--end-with-stdin"], {
    cwd: folder,
    env: { PATH: process.env["PATH"], HOME: folder, TMPDIR: folder, PYTHONUNBUFFERED: "1" },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (log += text));
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  child.stdin.write("{}\n");
  const close = async (): Promise<void> => {
    child.stdin.end();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  const ready = (): Promise<boolean> =>
    fetch(`${url}/health/readiness`).then(
      (answer) => answer.ok,
      () => false,
    );
  try {
    await until(
      async () => child.exitCode !== null || (await ready()),
      () => `LiteLLM; it printed: ${log}`,
      240_000,
    );
    if (child.exitCode !== null) throw new Error(`LiteLLM ended with ${child.exitCode}; it printed: ${log}`);
  } catch (error) {
    await close();
    throw error;
  }
  return { url, key, log: () => log, close };
};
