/** The router's image, run as the stack runs it: everything that its slimmed dependencies must still do. */
import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ensureImage } from "../../../src/engine/images.ts";
import { nodeFlags } from "../../../src/shared/node-flags.ts";
import { checkoutRoot } from "../../../src/shared/paths.ts";
import { describeWithEngine } from "./engine.ts";
import { type WarmCache, warmCacheScript } from "./warm-cache.ts";

const run = promisify(execFile);
const clientKey = `sy-${Math.random().toString(36).slice(2)}${Math.random().toString(36).slice(2)}`;

describeWithEngine("router image", (engine) => {
  const uid = process.getuid?.() ?? 1000;
  const gid = process.getgid?.() ?? 1000;
  const secrets = mkdtempSync(join(tmpdir(), "switchyard-router-"));
  const name = `switchyard-e2e-router-${process.pid}`;
  const docker = async (...args: string[]): Promise<string> =>
    (await run("docker", args, { env: engine.env })).stdout.trim();
  const inside = (...command: string[]): Promise<string> => docker("exec", name, ...command);
  let url = "";

  beforeAll(async () => {
    const request = {
      root: checkoutRoot(),
      clientVersion: "2.1.329",
      litellmVersion: "1.102.4",
      cliproxyapiVersion: "6.9.16",
      uid,
      gid,
    };
    const image = await ensureImage(engine, "router", request, { say: () => undefined });
    const write = (file: string, text: string): void => {
      writeFileSync(join(secrets, file), text, { mode: 0o600 });
    };
    write(
      "switchyard.yaml",
      'routes: { default: ["demo,echo"] }\nserver: { clientKeys: ["${SWITCHYARD_CLIENT_KEY}"] }\n',
    );
    write("router-keys.json", `${JSON.stringify({ SWITCHYARD_CLIENT_KEY: clientKey })}\n`);
    write("network.env", "NO_PROXY='a,b c'\n");
    chmodSync(secrets, 0o700);
    const user = ["--user", `${uid}:${gid}`];
    const confined = [
      "--read-only",
      "--tmpfs",
      "/tmp",
      "--cap-drop",
      "ALL",
      "--security-opt",
      "no-new-privileges",
    ];
    const outside = ["--volume", `${secrets}:/run/secrets:ro`, "--publish", "127.0.0.1::3000"];
    await docker("run", "--detach", "--init", "--name", name, ...user, ...confined, ...outside, image);
    url = `http://${await docker("port", name, "3000/tcp")}`;
    for (;;) {
      const ready = await fetch(`${url}/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
      if (ready) break;
      const { State } = await engine.docker.getContainer(name).inspect();
      if (!State.Running) throw new Error(`the router ended: ${await docker("logs", name)}`);
      await sleep(100);
    }
  });
  afterAll(async () => {
    await docker("rm", "--force", "--volumes", name);
    rmSync(secrets, { recursive: true, force: true });
  });

  const ask = (path: string, body: unknown, key = clientKey): Promise<Response> =>
    fetch(`${url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": key },
      body: JSON.stringify(body),
    });
  const message = (content: string, stream = false) => ({
    model: "claude-opus-4-8",
    max_tokens: 100,
    stream,
    messages: [{ role: "user", content }],
  });

  it("answers, in one piece and as a stream, whoever has the stack's key and nobody else", async () => {
    expect(await (await ask("/v1/messages", message("hi"))).text()).toContain("demo provider answers");
    expect(await (await ask("/v1/messages", message("hi", true))).text()).toContain("event: message_stop");
    expect((await ask("/v1/messages", message("hi"), "another")).status).toBe(401);
  });

  it("counts tokens with the one encoding that it has", async () => {
    const answer = await ask("/v1/messages/count_tokens", message("one two three ".repeat(500)));
    const { input_tokens } = (await answer.json()) as { input_tokens: number };
    expect(input_tokens).toBeGreaterThan(1400);
    expect(input_tokens).toBeLessThan(1700);
  });

  it("loads every module of its sources but the engine's", async () => {
    // Those run something when they are loaded, or are for the user's machine.
    const left = [
      "cli/main.ts",
      "config/load-child.ts",
      "fuse/container-main.ts",
      "router/ledger/ledger-thread.ts",
      "router/rules/custom/script-thread.ts",
    ];
    const script = `
      const files = require("node:fs").readdirSync("/opt/switchyard/src", { recursive: true })
        .filter((file) => file.endsWith(".ts") && !/^(engine|cli)\\//.test(file) && !${JSON.stringify(left)}.includes(file));
      Promise.all(files.map((file) => import("/opt/switchyard/src/" + file))).then(() => console.log(files.length), (error) => console.log(error.message));`;
    const loaded = Number(await inside("node", "--disable-warning=ExperimentalWarning", "-e", script));
    expect(loaded).toBeGreaterThan(150);
  });

  it("explains a wrong command line as everywhere", async () => {
    await expect(
      inside(
        "node",
        "--disable-warning=ExperimentalWarning",
        "/opt/switchyard/src/cli/main.ts",
        "router",
        "--prot",
        "1",
      ),
    ).rejects.toMatchObject({ stderr: expect.stringContaining("unknown option '--prot'") });
  });

  it("starts with what was compiled under its own flags, for the caller's id and for those of the fused form", async () => {
    const { Config } = await engine.docker.getContainer(name).inspect();
    const cache = Config.Env.find((entry) => entry.startsWith("NODE_COMPILE_CACHE="))?.split("=")[1];
    const { flags, modules } = JSON.parse(await inside("node", "-e", warmCacheScript)) as WarmCache;
    const [own = 0, ...others] = modules;
    expect(cache).toBe("/opt/switchyard/.compile-cache");
    expect(flags).toEqual(expect.arrayContaining([...nodeFlags]));
    expect(own).toBeGreaterThan(250);
    expect(others).toEqual([own, own, own]);
  });

  it("holds the key in no environment and on no command line; the machine's proxies reach it", async () => {
    // Both are files of every process, which only its own user may read.
    const script =
      'for each in /proc/[0-9]*; do cat "$each/environ" "$each/cmdline" 2>/dev/null; done; echo read';
    const all = await inside("sh", "-c", script);
    expect(all).toContain("NO_PROXY=a,b c");
    expect(all).toContain("--keys-file");
    expect(all).not.toContain(clientKey);
    expect(JSON.stringify(await engine.docker.getContainer(name).inspect())).not.toContain(clientKey);
  });

  it("ends at once when it is told to", async () => {
    await docker("stop", "--time", "30", name);
    const { State } = await engine.docker.getContainer(name).inspect();
    // 137 would be the engine's patience at its end.
    expect(State.ExitCode).toBe(0);
  });
});
