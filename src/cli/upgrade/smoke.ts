/** A new version at work, apart from everything of the user's: no key, no state, no provider. */
import { execFile, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { freePort } from "../../engine/ports.ts";
import { scrubEnvironment } from "../../fuse/client-settings.ts";
import { makeKey } from "../../fuse/host-backends.ts";
import { messageOf, SwitchyardError } from "../../shared/errors.ts";
import { checkoutRoot, type Environment } from "../../shared/paths.ts";
import { yamlText } from "../../config/yaml-text.ts";

export interface SmokeTest {
  readonly version: string;
  readonly env: Environment;
  readonly say: (line: string) => void;
}

const failed = (what: string, detail: string): SwitchyardError =>
  new SwitchyardError("upgrade.failed", { detail: `${what}: ${detail.trim()}` });

const inFolder = async <T>(work: (folder: string) => Promise<T>): Promise<T> => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-upgrade-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Installing may take minutes. Milliseconds. */
const patience = 20 * 60_000;

/** One turn of the client, through the router's or LiteLLM's own answers. What is installed for it stays in the cache. */
const oneTurn =
  (backend: "router" | "litellm", what: string, expected: RegExp) =>
  ({ version, env, say }: SmokeTest): Promise<void> =>
    inFolder(async (folder) => {
      const config = join(folder, "switchyard.yaml");
      const workspace = join(folder, "workspace");
      mkdirSync(workspace);
      const routes = {
        default: "demo,echo",
        background: null,
        think: null,
        longContext: null,
        webSearch: null,
      };
      const pinned = backend === "router" ? "client" : "litellm";
      writeFileSync(
        config,
        yamlText({
          server: { port: 0 },
          routes,
          aliases: { "qwen-coder": null },
          stack: { [pinned]: { version } },
        }),
      );
      const words = ["shell", backend, "--runtime", "host", "--config", config, "--workspace", workspace];
      say(`trying ${what} ${version}: one turn, answered without any provider`);
      const child = spawn(
        join(checkoutRoot(), "bin/switchyard"),
        [...words, "--", "claude", "-p", "say hi"],
        {
          cwd: workspace,
          env: { ...scrubEnvironment(env, [], false).env, SWITCHYARD_STATE_DIR: join(folder, "state") },
          stdio: ["ignore", "pipe", "pipe"],
        },
      );
      let [out, errors] = ["", ""];
      child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        errors += text;
        for (const line of text.split("\n"))
          if (/installing|installed/.test(line)) say(line.replace(/^switchyard: /, ""));
      });
      const late = setTimeout(() => child.kill("SIGTERM"), patience);
      const status = await new Promise<number | null>((done) => {
        child.once("error", () => done(null));
        child.once("close", done);
      });
      clearTimeout(late);
      if (status !== 0)
        throw failed(what, `the turn ended with status ${status}\n${(errors + out).slice(-1_500)}`);
      if (!expected.test(out))
        throw failed(what, `the turn's answer is not the one that was sent: ${out.slice(0, 300)}`);
    });

/** Built as a Go module where the cache holds none; then it must list its models to who has its key, and to nobody else. */
const cliproxyapi = ({ version, env, say }: SmokeTest): Promise<void> =>
  inFolder(async (folder) => {
    const what = "CLIProxyAPI";
    say(`building ${what} ${version} where there is none yet (some minutes)`);
    const built = await promisify(execFile)(join(checkoutRoot(), "scripts/cliproxyapi.sh"), [], {
      env: { ...scrubEnvironment(env, [], false).env, CLIPROXYAPI_VERSION: version },
      timeout: patience,
    }).catch((error: unknown) => {
      throw failed(what, messageOf(error));
    });
    const port = await freePort();
    const key = makeKey();
    const config = join(folder, "config.yaml");
    writeFileSync(
      config,
      yamlText({ host: "127.0.0.1", port, "auth-dir": join(folder, "accounts"), "api-keys": [key] }),
    );
    mkdirSync(join(folder, "accounts"));
    say(`trying ${what} ${version}: its list of models, with its key and without`);
    const child = spawn(built.stdout.trim(), ["--config", config], {
      cwd: folder,
      env: { ...scrubEnvironment(env, [], false).env, HOME: folder },
      stdio: ["ignore", "ignore", "ignore"],
    });
    child.on("error", () => undefined);
    const ask = (headers: Record<string, string>): Promise<number> =>
      fetch(`http://127.0.0.1:${port}/v1/models`, { headers, signal: AbortSignal.timeout(5_000) }).then(
        ({ status }) => status,
        () => 0,
      );
    try {
      let status = 0;
      for (const end = Date.now() + 30_000; status === 0 && Date.now() < end; await sleep(200))
        status = await ask({ authorization: `Bearer ${key}` });
      if (status !== 200)
        throw failed(what, status === 0 ? "it does not answer within 30 s" : `its models: status ${status}`);
      const without = await ask({});
      if (without !== 401)
        throw failed(what, `without a key it answers with status ${without} instead of 401`);
    } finally {
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), 5_000);
      if (child.exitCode === null && child.signalCode === null && child.pid !== undefined)
        await new Promise((done) => child.once("close", done));
      clearTimeout(late);
    }
  });

/** What can be moved: its smoke test, and its key in `stack`. */
export const upgradable = {
  client: { title: "Claude Code", smoke: oneTurn("router", "Claude Code", /demo provider/) },
  litellm: { title: "LiteLLM", smoke: oneTurn("litellm", "LiteLLM", /LiteLLM answers by itself/) },
  cliproxyapi: { title: "CLIProxyAPI", smoke: cliproxyapi },
} as const;

export type Upgradable = keyof typeof upgradable;
