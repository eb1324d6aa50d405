/** A router of our own for a moment: what a configuration really does is asked of it, over HTTP, with nothing of the user's state touched. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeKey, routerCommand } from "../../fuse/host-backends.ts";
import { scrubEnvironment } from "../../fuse/client-settings.ts";
import { accessDir, adminHeader, readMachineSecret } from "../../shared/access-files.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import { sessionKeyVariable } from "../../shared/session-key.ts";
import { checkoutRoot } from "../../shared/paths.ts";

export interface ProbeRouter {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** What it takes from its clients. */
  readonly key: string;
  ask(path: string, body?: unknown): Promise<{ status: number; text: string }>;
  close(): Promise<void>;
}

/** Milliseconds: of its start, and of one answer. */
const patience = { start: 30_000, answer: 60_000, end: 10_000 };

/**
 * @param text the configuration, laid over config/default.yaml
 * @param variables what it refers to, with their values: they go over a pipe, not into an environment
 * @throws SwitchyardError fuse.routerFailed with the router's own words
 */
export const startProbeRouter = async (
  text: string,
  variables: Readonly<Record<string, string>>,
): Promise<ProbeRouter> => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-probe-"));
  const configFile = join(folder, "switchyard.yaml");
  writeFileSync(configFile, text, { mode: 0o600 });
  const key = makeKey();
  const root = checkoutRoot();
  const [program = process.execPath, ...words] = routerCommand({ root, configFile, stateDir: folder }, 0);
  const child = spawn(program, words, {
    cwd: root,
    env: scrubEnvironment(process.env, Object.values(variables), false).env,
    stdio: ["pipe", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (piece: string) => (errors = (errors + piece).slice(-4_000)));
  const ended = new Promise<void>((done) => {
    child.once("close", () => done());
    child.once("error", () => done());
  });
  const close = async (): Promise<void> => {
    child.stdin.destroy();
    const late = setTimeout(() => child.kill("SIGKILL"), patience.end);
    await ended;
    clearTimeout(late);
    rmSync(folder, { recursive: true, force: true });
  };
  child.stdin.on("error", () => undefined);
  child.stdin.write(`${JSON.stringify({ ...variables, [sessionKeyVariable]: key })}\n`);
  const { promise: listening, resolve } = Promise.withResolvers<string | undefined>();
  const late = setTimeout(() => resolve(undefined), patience.start);
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    out += piece;
    const found = /^listening on (\S+)$/m.exec(out)?.[1];
    if (found !== undefined) resolve(found);
  });
  child.once("close", () => resolve(undefined));
  const url = await listening;
  clearTimeout(late);
  if (url === undefined) {
    await close();
    throw new SwitchyardError("fuse.routerFailed", {
      detail: `the router does not start with this configuration\n${errors.trim()}`,
    });
  }
  return {
    url,
    key,
    close,
    ask: async (path, body) => {
      const answer = await fetch(`${url}${path}`, {
        method: body === undefined ? "GET" : "POST",
        headers: {
          authorization: `Bearer ${key}`,
          "content-type": "application/json",
          // Its state is told to whoever can read its folder.
          ...(path.startsWith("/api/") && { [adminHeader]: readMachineSecret(accessDir(folder)) ?? "" }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(patience.answer),
      });
      return { status: answer.status, text: await answer.text() };
    },
  };
};
