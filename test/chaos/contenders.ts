/** Who takes part in the figures: each in front of the same two providers, set up as its own documents recommend. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { claudeCodeRouter } from "../bench/contenders/claude-code-router.ts";
import { packageDir } from "../bench/contenders/npm-install.ts";
import { freePort } from "../bench/processes.ts";
import { pinnedLitellm } from "../e2e/support/litellm-server.ts";
import { root, until } from "../support/cli.ts";
import { routerProcess } from "./support/processes.ts";

export interface Running {
  url: string;
  headers: Record<string, string>;
  model: string;
  close(): Promise<void>;
}

export interface Contender {
  name: string;
  /** How it is set up. */
  about: string;
  start(a: string, b: string): Promise<Running>;
}

/** Silence for so long is a failure, for each of them. Milliseconds. */
const silence = 2000;

const switchyard: Contender = {
  name: "switchyard",
  about: "two targets, time-outs of 2 s; all else as it is by default",
  start: async (a, b) => {
    const limits = `timeouts: { firstByte: ${silence}ms, idle: ${silence}ms }`;
    const router = await routerProcess(
      `
providers:
  a: { dialect: openai-chat, baseUrl: "${a}/v1", keys: [sk-a-0123456789], ${limits} }
  b: { dialect: openai-chat, baseUrl: "${b}/v1", keys: [sk-b-0123456789], ${limits} }
routes: { default: ["a,m", "b,m"], background: , think: , longContext: , webSearch: }
`,
      { keepsLog: false },
    );
    return { url: router.url, headers: {}, model: "claude-sonnet-4-5", close: () => router.close() };
  },
};

/** A process of a peer, in a folder of its own, ready once it answers at a path. */
const peer = async (
  folder: string,
  port: number,
  [file, args, env]: [string, string[], Record<string, string>],
  readyPath: string,
): Promise<Pick<Running, "url" | "close">> => {
  const child = spawn(file, args, {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", HOME: folder, TMPDIR: folder, ...env },
    stdio: ["pipe", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (data: Buffer) => (said = (said + data.toString()).slice(-2000)));
  // LiteLLM's start reads its keys there, and ends when it is closed.
  child.stdin.on("error", () => undefined);
  child.stdin.write("{}\n");
  const url = `http://127.0.0.1:${port}`;
  const ready = (): Promise<boolean> =>
    fetch(`${url}${readyPath}`).then(
      (answer) => answer.ok,
      () => false,
    );
  const close = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  await until(
    async () => child.exitCode !== null || (await ready()),
    () => said,
    120_000,
  );
  if (child.exitCode !== null) throw new Error(`it ended: ${said}`);
  return { url, close };
};

/** One model: it has no targets after the first. Its process ends at a provider that resets its answer, and nobody starts it again. */
const ccr: Contender = {
  name: claudeCodeRouter.name,
  about:
    "claude-code-router 1.0.73 from npm: the first provider alone, for it knows no second; API_TIMEOUT_MS of 2 s",
  start: async (a) => {
    await claudeCodeRouter.prepare!();
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), "switchyard-chaos-ccr-"));
    const command = (await claudeCodeRouter.launch({
      form: "chat",
      port,
      providerPort: Number(new URL(a).port),
      dir: folder,
    }))!;
    const file = join(folder, ".claude-code-router/config.json");
    const { default: config } = (await import(file, { with: { type: "json" } })) as { default: object };
    writeFileSync(file, JSON.stringify({ ...config, API_TIMEOUT_MS: silence }));
    const main = join(packageDir("@musistudio/claude-code-router", "1.0.73"), "dist/cli.js");
    const running = await peer(folder, port, [command.file, [main, "start"], {}], "/health");
    return { ...running, headers: {}, model: "claude-opus-5-5" };
  },
};

/** docs.litellm.ai, "Reliability: retries, fallbacks" and "Router": num_retries, fallbacks, allowed_fails, cooldown_time, timeouts. */
const litellm: Contender = {
  name: "litellm",
  about: "the pinned LiteLLM from PyPI: num_retries 3, fallbacks to the second model, timeouts of 2 s",
  start: async (a, b) => {
    const python = await pinnedLitellm();
    const folder = mkdtempSync(join(tmpdir(), "switchyard-chaos-litellm-"));
    const key = "sk-litellm-0123456789";
    const timeout = silence / 1000;
    const model = (name: string, url: string): object => ({
      model_name: name,
      litellm_params: {
        model: "openai/m",
        api_base: `${url}/v1`,
        api_key: "sk-provider-0123456789",
        timeout,
        stream_timeout: timeout,
      },
    });
    const config = {
      model_list: [model("first", a), model("second", b)],
      litellm_settings: {
        num_retries: 3,
        request_timeout: timeout,
        fallbacks: [{ first: ["second"] }],
        allowed_fails: 3,
        cooldown_time: 5,
        telemetry: false,
        drop_params: true,
      },
      router_settings: {
        num_retries: 3,
        fallbacks: [{ first: ["second"] }],
        allowed_fails: 3,
        cooldown_time: 5,
      },
      general_settings: { master_key: key },
    };
    // JSON is YAML.
    writeFileSync(join(folder, "config.yaml"), JSON.stringify(config));
    const port = await freePort();
    const start = ["-B", join(root, "images/litellm/start.py"), "--config", join(folder, "config.yaml")];
    const args = [...start, "--host", "127.0.0.1", "--port", String(port), "--end-with-stdin"];
    const running = await peer(folder, port, [python, args, { PYTHONUNBUFFERED: "1" }], "/health/readiness");
    return { ...running, headers: { authorization: `Bearer ${key}` }, model: "first" };
  },
};

export const contenders: readonly Contender[] = [switchyard, litellm, ccr];
