/** The life of a stack: what it does to the machine around it, and how it ends. Without LiteLLM: nothing here needs it to run. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { labels } from "../../../../src/shared/container-layout.ts";
import { root } from "../../support/project.ts";
import { describeWithEngine } from "../engine.ts";
import { type StackFixture, stackFixture } from "./fixture.ts";

const some = ["up", "router", "claude-code", "provider"];

describeWithEngine("the life of a stack", (engine) => {
  let at: StackFixture;
  beforeAll(async () => {
    at = stackFixture(engine);
    expect(await at.cli([...some, "--workspace", at.workspace])).toMatchObject({ status: 0 });
  });
  afterAll(() => at.remove());

  const up = (of: StackFixture, ...more: string[]) => of.cli([...some, "--workspace", of.workspace, ...more]);
  const published = async (name: string): Promise<string> => (await at.service(name)).published[0] ?? "";

  it("nobody without the stack's key is served, and nobody but this machine reaches it", async () => {
    const address = await published("router");
    expect(address).toMatch(/^127\.0\.0\.1:\d+$/);
    expect((await fetch(`http://${address}/ready`)).status).toBe(200);
    expect((await fetch(`http://${address}/v1/models`)).status).toBe(401);
  });

  it("the user's own settings of the client are not written, by up, switch or down", () => {
    const home = at.env["HOME"] ?? "";
    expect(existsSync(home)).toBe(true);
    expect([existsSync(join(home, ".claude")), existsSync(join(home, ".claude.json"))]).toEqual([
      false,
      false,
    ]);
  });

  it("a fused shell beside the running stack takes a port of its own", async () => {
    const shell = await at.cli([
      "shell",
      "router",
      "--workspace",
      at.workspace,
      "--",
      "curl -fsS $ANTHROPIC_BASE_URL/ready",
    ]);
    expect(shell).toMatchObject({ status: 0 });
    expect((await fetch(`http://${await published("router")}/ready`)).status).toBe(200);
  });

  it("a port that another process holds is found before anything starts, and its owner is named", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    const other = stackFixture(engine, "");
    try {
      writeFileSync(
        other.config,
        readFileSync(other.config, "utf8").replace("server: { port: 0 }", `server: { port: ${port} }`),
      );
      const refused = await up(other);
      expect(refused.status).toBe(1);
      expect(refused.stderr).toContain(
        `router is to listen on port ${port}, which the process ${process.pid} (node`,
      );
      expect(await other.services()).toEqual([]);
    } finally {
      server.close();
      await other.remove();
    }
  });

  it("two checkouts do not collide: the port that the first one's stack holds is named with its project", async () => {
    const port = (await published("router")).split(":")[1] ?? "";
    const other = stackFixture(engine);
    try {
      const text = readFileSync(other.config, "utf8");
      writeFileSync(other.config, text.replace("server: { port: 0 }", `server: { port: ${port} }`));
      const refused = await up(other);
      expect(refused.status).toBe(1);
      expect(refused.stderr).toContain(`port ${port}`);
      expect(refused.stderr).toContain(at.name);
      writeFileSync(other.config, text);
      expect(await up(other)).toMatchObject({ status: 0 });
      expect(await other.cli(["down"])).toMatchObject({ status: 0 });
      expect((await fetch(`http://${await published("router")}/ready`)).status).toBe(200);
    } finally {
      await other.remove();
    }
  });

  it("an override that compose would accept and that cannot work is refused before anything changes", async () => {
    const file = join(at.stateDir, "compose", "override.yaml");
    const before = readFileSync(file, "utf8");
    const ids = (await at.services()).map(({ id }) => id);
    writeFileSync(
      file,
      `${before}  router:\n    ports: ["127.0.0.1:39199:9"]\n  double:\n    image: x\n    ports: ["127.0.0.1:39199:9"]\n`,
    );
    try {
      const refused = await up(at);
      expect(refused.status).toBe(1);
      expect(refused.stderr).toContain("39199");
      expect((await at.services()).map(({ id }) => id)).toEqual(ids);
    } finally {
      writeFileSync(file, before);
    }
  });

  it("an override that is no YAML is refused by its name, even by --dry-run", async () => {
    const file = join(at.stateDir, "compose", "override.yaml");
    const before = readFileSync(file, "utf8");
    writeFileSync(file, "services: [\n");
    try {
      for (const more of [[], ["--dry-run"]]) {
        const { status, stderr } = await up(at, ...more);
        expect(status).toBe(1);
        expect(stderr).toContain("did not find expected node content");
        expect(stderr).toContain(`Correct ${file}.`);
      }
    } finally {
      writeFileSync(file, before);
    }
  });

  it("an override that cannot work is refused before an image is built, which takes minutes", async () => {
    const other = stackFixture(engine, "  client: { version: 0.0.1 }");
    const file = join(other.stateDir, "compose", "override.yaml");
    writeFileSync(file, "services: { claude-code: { secrets: [litellm-keys.json] } }\n");
    try {
      const { status, stderr } = await other.cli(["up", "--workspace", other.workspace]);
      expect(status).toBe(1);
      expect(stderr).toContain(
        "the secret 'litellm-keys.json' would be read by whoever works in the container",
      );
      expect(stderr).not.toContain("building");
      expect(await other.services()).toEqual([]);
    } finally {
      await other.remove();
    }
  });

  it("another user of the machine reads neither a key nor the client's token", () => {
    for (const folder of ["secrets/stack", "managed"]) {
      const path = join(at.stateDir, folder);
      for (const each of [path, ...readdirSync(path).map((name) => join(path, name))])
        expect([each, statSync(each).mode & 0o077]).toEqual([each, 0]);
    }
  });

  it("a configuration with an error changes nothing that runs, and says where the error is", async () => {
    const before = readFileSync(at.config, "utf8");
    const ids = (await at.services()).map(({ id }) => id);
    writeFileSync(at.config, `${before}\nroutes2: {}\n`);
    try {
      const refused = await up(at);
      expect(refused.status).toBe(2);
      expect(refused.stderr).toContain('unknown key "routes2"');
      // What runs can be seen and ended all the same.
      const seen = await at.cli(["ps"]);
      expect(seen).toMatchObject({ status: 0, stdout: expect.stringContaining("claude-code") });
      expect((await at.cli(["down", "--dry-run"])).stdout).toContain(`stop ${at.name}-router-1`);
      expect((await at.services()).map(({ id }) => id)).toEqual(ids);
    } finally {
      writeFileSync(at.config, before);
    }
  });

  it("a changed configuration replaces the router alone: the client's sessions go on", async () => {
    const before = Object.fromEntries((await at.services()).map(({ service, id }) => [service, id]));
    const text = readFileSync(at.config, "utf8");
    writeFileSync(at.config, text.replace("default-model", "other-model"));
    expect((await at.cli([...some, "--workspace", at.workspace, "--dry-run"])).stdout).toContain(
      "recreate router: its configuration has changed",
    );
    expect(await up(at)).toMatchObject({ status: 0 });
    const after = Object.fromEntries((await at.services()).map(({ service, id }) => [service, id]));
    expect(after["router"]).not.toBe(before["router"]);
    expect(after["claude-code"]).toBe(before["claude-code"]);
    await at.cli(["up", "--workspace", at.workspace, "router", "claude-code"]);
    expect((await at.inside('claude -p "SCRIPT:say:changed"')).status).toBe(0);
  });

  it("the user's own login goes along to a provider that is to get it, and the stack's key travels beside it", async () => {
    const text = readFileSync(at.config, "utf8");
    const own = 'scripted: { dialect: anthropic, baseUrl: "http://provider:8080", auth: passthrough }';
    writeFileSync(at.config, text.replace(/scripted: \{.*\}/, own));
    try {
      expect(await up(at)).toMatchObject({ status: 0 });
      await at.asked();
      const answer = await at.inside(
        'CLAUDE_CODE_OAUTH_TOKEN=sk-ant-oat01-mine claude -p "SCRIPT:say:with my login"',
      );
      expect(answer).toMatchObject({ status: 0, stdout: "with my login\n" });
      const { headers } = (await at.asked()).at(-1)!;
      expect(headers.authorization).toBe("Bearer sk-ant-oat01-mine");
      expect(headers).not.toHaveProperty("x-switchyard-key");
    } finally {
      writeFileSync(at.config, text);
      expect(await up(at)).toMatchObject({ status: 0 });
    }
    expect((await at.inside('claude -p "SCRIPT:say:without it"')).stdout).toBe("without it\n");
  });

  it("with no key at all the built-in demo answers, in the stack as in a fused shell", async () => {
    const answer = await at.inside('claude -p "say hi" --model demo,echo');
    expect(answer.stdout).toContain('You said: "say hi"');
  });

  it("a command in the stack's shell: its exit status, its streams, and a signal reach whom they should", async () => {
    const ran = await at.cli(["shell", "stack", "--", "cat; echo problem >&2; exit 7"], { input: "ünï\n" });
    expect(ran).toEqual({ status: 7, stdout: "ünï\n", stderr: "problem\n" });
    const child = spawn(
      join(root, "bin/switchyard"),
      [
        "shell",
        "stack",
        "--config",
        at.config,
        "--",
        "trap 'echo asked; exit 9' TERM; echo up; while :; do sleep 0.1; done",
      ],
      { env: at.env, stdio: ["ignore", "pipe", "inherit"] },
    );
    let stdout = "";
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    await new Promise<void>((resolve) => {
      child.stdout.on("data", (bytes: Buffer) => {
        stdout += bytes.toString();
        if (stdout.includes("up")) resolve();
      });
    });
    child.kill("SIGTERM");
    expect([await ended, stdout]).toEqual([9, "up\nasked\n"]);
  });

  it("files that the client makes in the workspace are the caller's, and the client may write nothing else of the machine", async () => {
    const made = await at.inside(
      "echo x >made; stat -c %u made; touch /etc/claude-code/x /usr/x 2>&1 | wc -l",
    );
    expect(made.stdout).toBe(`${process.getuid?.() ?? 0}\n2\n`);
  });

  it("down ends the fused shells of the project, keeps the volumes, and leaves another project's alone", async () => {
    const other = stackFixture(engine);
    const shell = spawn(
      join(root, "bin/switchyard"),
      ["shell", "router", "--config", at.config, "--workspace", at.workspace, "--", "echo up; sleep 600"],
      { env: at.env, stdio: ["ignore", "pipe", "ignore"] },
    );
    try {
      expect(await up(other)).toMatchObject({ status: 0 });
      const ended = new Promise((resolve) => shell.once("close", resolve));
      await new Promise((resolve) => shell.stdout.once("data", resolve));
      const down = await at.cli(["down"]);
      expect(down).toMatchObject({ status: 0 });
      await ended;
      const left = await engine.docker.listContainers({
        all: true,
        filters: { label: [`${labels.project}=${at.name}`] },
      });
      expect(left).toEqual([]);
      expect(await volumes(at)).not.toEqual([]);
      expect((await other.services()).map(({ state }) => state)).toEqual(["running", "running", "running"]);
    } finally {
      shell.kill("SIGKILL");
      await other.remove();
    }
  });

  const volumes = async (of: StackFixture): Promise<string[]> => {
    const { Volumes } = await engine.docker.listVolumes({
      filters: { label: [`${labels.project}=${of.name}`] },
    });
    // The engine lists them in no order.
    return Volumes.map(({ Name }) => Name).toSorted();
  };

  it("clean lists what it will delete and asks; without a terminal it deletes nothing unasked", async () => {
    const before = await volumes(at);
    const asked = await at.cli(["clean"]);
    expect(asked.status).toBe(2);
    for (const name of before) expect(asked.stderr).toContain(`remove volume ${name}`);
    expect(asked.stderr).toContain("Add --yes (make: YES=1). Nothing was deleted.");
    expect(await volumes(at)).toEqual(before);
  });

  it("clean --yes deletes what is this project's, keys included, and leaves the user's override and other volumes", async () => {
    const foreign = `${at.name}-foreign`;
    await engine.docker.createVolume({ Name: foreign });
    try {
      expect(await at.cli(["clean", "--yes"])).toMatchObject({ status: 0 });
      expect(await volumes(at)).toEqual([]);
      expect(existsSync(join(at.stateDir, "secrets"))).toBe(false);
      expect(existsSync(join(at.stateDir, "compose", "services.yaml"))).toBe(false);
      expect(existsSync(join(at.stateDir, "compose", "override.yaml"))).toBe(true);
      expect((await engine.docker.getVolume(foreign).inspect()).Name).toBe(foreign);
    } finally {
      await engine.docker.getVolume(foreign).remove();
    }
  });

  it("what needs the stack says that it does not run, and how to start it", async () => {
    for (const args of [
      ["shell", "stack"],
      ["switch", "litellm"],
    ]) {
      const { status, stderr } = await at.cli(args);
      expect([args, status]).toEqual([args, 1]);
      expect(stderr).toContain("The stack does not run");
      expect(stderr).toContain("make up");
    }
  });
});
