/** `switchyard logs` with real containers: several services, pieces of long lines, restarts, a driver that cannot be read. */
import { type ChildProcess, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { Engine } from "../../../src/engine/connect.ts";
import { removeProject } from "../../../src/engine/containers.ts";
import { readLog } from "../../../src/engine/logs.ts";
import { labels } from "../../../src/shared/container-layout.ts";
import { finished, type Finished, sandbox, type Sandbox, until } from "../../support/cli.ts";
import { describeWithEngine } from "./engine.ts";

/** A key that only LiteLLM and the state folder know. */
const clientKey = `client-key-${Math.random().toString(36).slice(2)}${Math.random().toString(36).slice(2)}`;

/** A shell and four programs of this machine with their libraries, as an image of a few megabytes: nothing is pulled. */
const makeImage = (engine: Engine, tag: string): void => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-logs-image-"));
  try {
    const sh = execFileSync("sh", ["-c", "readlink -f /bin/sh"], { encoding: "utf8" }).trim();
    const programs = [
      sh,
      ...["head", "tr", "sleep", "date"].map((name) =>
        execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim(),
      ),
    ];
    const libraries = programs.flatMap((program) =>
      [...execFileSync("ldd", [program], { encoding: "utf8" }).matchAll(/(\/\S+) \(0x/g)].map(
        ([, path]) => path!,
      ),
    );
    for (const file of new Set([...programs, ...libraries])) {
      mkdirSync(join(folder, file, ".."), { recursive: true });
      execFileSync("cp", ["-L", file, join(folder, file)]);
    }
    mkdirSync(join(folder, "bin"), { recursive: true });
    execFileSync("cp", ["-L", sh, join(folder, "bin/sh")]);
    const archive = execFileSync("tar", ["-C", folder, "-c", "."], { maxBuffer: 64 * 1024 * 1024 });
    execFileSync("docker", ["import", "--change", "ENV PATH=/bin:/usr/bin", "-", tag], {
      env: engine.env,
      input: archive,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

describeWithEngine("switchyard logs with containers", (engine) => {
  const id = `${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  const image = `switchyard-test-logs:${id}`;
  let own: Sandbox;
  let project: string;
  let turn = 0;

  const docker = (...args: string[]): string =>
    execFileSync("docker", args, { env: engine.env, encoding: "utf8" }).trim();

  /** Starts a container of the project. @returns its id */
  const start = (service: string, script: string, more: string[] = []): string => {
    const name = `${project}-${service}-${Math.random().toString(36).slice(2, 8)}`;
    const given = [
      "--name",
      name,
      "--label",
      `${labels.project}=${project}`,
      "--label",
      `${labels.service}=${service}`,
    ];
    return docker("run", "--detach", ...given, ...more, image, "/bin/sh", "-c", script);
  };
  const ended = (container: string): string => docker("wait", container);

  const env = (): Record<string, string> => {
    const host =
      engine.env["DOCKER_HOST"] ?? (engine.address.host.startsWith("unix://") ? engine.address.host : "");
    return host === "" ? {} : { DOCKER_HOST: host };
  };
  const logs = (...args: string[]): Promise<Finished> =>
    own.run(["logs", "--config", join(own.folder, "c.yaml"), ...args], { env: env() });
  /** What is shown after time and service. */
  const shown = (stdout: string): string[] =>
    stdout
      .split("\n")
      .filter((each) => each !== "")
      .map((each) => each.replace(/^(?:[\d-]+ )?[\d:.]+ /, "").replace(/ +/, " "));

  beforeAll(() => {
    makeImage(engine, image);
  });
  afterAll(() => {
    docker("rmi", "--force", image);
  });
  const fresh = (): void => {
    turn += 1;
    project = `logs-e2e-${id}-${turn}`;
    own = sandbox();
    writeFileSync(join(own.folder, "c.yaml"), `stack:\n  project: ${project}\n`);
    mkdirSync(join(own.state, "secrets/stack"), { recursive: true });
    writeFileSync(
      join(own.state, "secrets/stack/litellm-keys.json"),
      JSON.stringify({ SWITCHYARD_CLIENT_KEY: clientKey }),
    );
  };
  const following: ChildProcess[] = [];
  afterEach(async () => {
    for (const child of following.splice(0)) child.kill("SIGKILL");
    await removeProject(engine, project, { volumes: true, images: false });
    own.remove();
  });

  it("shows all services as one, each line once, by time", async () => {
    fresh();
    ended(start("router", `echo '{"level":40,"code":"c","msg":"first"}'`));
    ended(start("litellm", "echo INFO: second >&2; sleep 0.5; echo third"));
    ended(start("router", "echo fourth"));
    const { status, stdout, stderr } = await logs();
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(shown(stdout)).toEqual([
      "router WARN  first code=c",
      "litellm INFO: second",
      "litellm third",
      "router fourth",
    ]);
    expect(shown((await logs("--service", "litellm", "-n", "1")).stdout)).toEqual(["litellm third"]);
    expect((await logs("--since", "0s")).stdout).toBe("");
    expect((await logs("--since", "1h")).stdout).toBe(stdout);
    const unknown = await logs("--service", "nobody");
    expect(unknown.status).toBe(2);
    expect(unknown.stderr).toContain("There are: litellm, router.");
  });

  it("fused containers of two workspaces are told apart", async () => {
    fresh();
    ended(start("fused-router", "echo a", ["--label", `${labels.workspace}=/w/alpha`]));
    expect(shown((await logs()).stdout)).toEqual(["fused-router a"]);
    ended(start("fused-router", "echo b", ["--label", `${labels.workspace}=/w/beta`]));
    expect(shown((await logs()).stdout)).toEqual(["fused-router(alpha) a", "fused-router(beta) b"]);
  });

  it.each([
    ["frames", []],
    ["a terminal's bytes", ["--tty"]],
  ])("a key of the stack is not shown though the engine's pieces cut it in two (%s)", async (_name, more) => {
    fresh();
    // A message of the engine has 16,384 bytes: the key begins eight before its end.
    const script = `head -c 16376 /dev/zero | tr '\\0' x; echo ${clientKey} after; echo next`;
    const container = start("litellm", script, more);
    ended(container);
    expect((await readLog(engine, container)).map(({ text }) => text.length)).toEqual([
      16_376 + clientKey.length + 6,
      4,
    ]);
    for (const args of [[], ["--json"], ["-n", "1"], ["-n", "2"]]) {
      const { stdout } = await logs(...args);
      expect(stdout).toContain("next");
      expect(stdout).not.toContain(clientKey.slice(0, 8));
      expect(stdout).not.toContain(clientKey.slice(8));
    }
    expect((await logs()).stdout).toContain(`x[redacted …${clientKey.slice(-4)}] after\n`);
  });

  it("a line so long that the lines asked for begin inside it is shown whole", async () => {
    fresh();
    const container = start("litellm", "echo begin; head -c 1100000 /dev/zero | tr '\\0' x; echo; echo last");
    ended(container);
    const texts = (await readLog(engine, container, { lines: 3 })).map(({ text }) => text.length);
    expect(texts).toEqual([5, 1024 * 1024, 4]);
  });

  it("--follow goes on through a restart and with containers that start later, and Ctrl-C ends it with 0", async () => {
    fresh();
    const first = start("router", "echo life; exec sleep 1000");
    const child = own.start(["logs", "--follow", "--config", join(own.folder, "c.yaml")], { env: env() });
    following.push(child);
    const all = finished(child);
    let seen = "";
    child.stdout?.on("data", (text: string) => (seen += text));
    await until(
      () => seen.includes("life"),
      () => `life in ${seen}`,
    );
    docker("restart", "--time", "0", first);
    await until(
      () => seen.match(/life/g)?.length === 2,
      () => `life twice in ${seen}`,
    );
    ended(start("claude-code", "echo short-lived"));
    await until(
      () => seen.includes("short-lived"),
      () => `short-lived in ${seen}`,
    );
    start("litellm", `echo ${clientKey}; exec sleep 1000`);
    await until(
      () => seen.includes("litellm"),
      () => `litellm in ${seen}`,
    );
    docker("restart", "--time", "0", first);
    await until(
      () => seen.match(/life/g)?.length === 3,
      () => `life three times in ${seen}`,
    );
    child.kill("SIGINT");
    const { status, stdout, stderr } = await all;
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(shown(stdout).map((each) => each.split(" ")[0])).toEqual([
      "router",
      "router",
      "claude-code",
      "litellm",
      "router",
    ]);
    expect(stdout).not.toContain(clientKey);
  });

  it("a logging driver that keeps nothing is said: alone it is an error, beside others they are shown", async () => {
    fresh();
    start("litellm", "exec sleep 1000", ["--log-driver", "none"]);
    const alone = await logs();
    expect([alone.status, alone.stdout]).toEqual([1, ""]);
    expect(alone.stderr).toMatch(/logging driver is 'none'\n.*json-file or local/);
    ended(start("router", "echo words"));
    const both = await logs();
    expect([both.status, shown(both.stdout)]).toEqual([0, ["router words"]]);
    expect(both.stderr).toContain("logging driver is 'none'");
  });
});
