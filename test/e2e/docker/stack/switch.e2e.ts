/** A switch completes and is verified, or the old state stands. Without LiteLLM: nothing here needs it to run. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, connect as dial } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { root } from "../../support/project.ts";
import { describeWithEngine } from "../engine.ts";
import { type StackFixture, stackFixture } from "./fixture.ts";

describeWithEngine("a switch that fails", (engine) => {
  let at: StackFixture;
  beforeAll(async () => {
    at = stackFixture(engine);
    expect(
      await at.cli(["up", "router", "claude-code", "provider", "--workspace", at.workspace]),
    ).toMatchObject({
      status: 0,
    });
    expect(await at.cli(["switch", "router"])).toMatchObject({ status: 0 });
  });
  afterAll(() => at.remove());

  /** All that a switch may change: files, and the client's container. */
  const state = async (): Promise<unknown> => {
    const managed = join(at.stateDir, "managed");
    const files = readdirSync(managed).map((name) => [name, readFileSync(join(managed, name), "utf8")]);
    const document = readFileSync(join(at.stateDir, "compose", "services.yaml"), "utf8");
    const record = readFileSync(join(at.stateDir, "target.json"), "utf8");
    return { files, document, record, client: (await at.service("claude-code")).id };
  };
  const unchangedBy = async (what: () => Promise<unknown>): Promise<void> => {
    const before = await state();
    await what();
    expect(await state()).toEqual(before);
    expect(existsSync(join(at.stateDir, "compose", "stack.lock"))).toBe(false);
    expect((await at.inside('curl -s -o /dev/null -w "%{http_code}" $ANTHROPIC_BASE_URL/ready')).stdout).toBe(
      "200",
    );
  };

  it("to a service that is not there is refused, and says how to start it", () =>
    unchangedBy(async () => {
      const { status, stderr, stdout } = await at.cli(["switch", "litellm"]);
      expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
      expect(stderr).toBe(
        "switchyard: The client stays where it is: litellm is not there\n  Start it: switchyard up. Or switch anyway: --force.\n",
      );
    }));

  it("to one that nobody knows is wrong use, and names the targets", () =>
    unchangedBy(async () => {
      const { status, stderr } = await at.cli(["switch", "litelm"]);
      expect(status).toBe(2);
      expect(stderr).toContain("there is no service litelm");
      expect(stderr).toContain("Targets: router, litellm, provider, or --url URL.");
    }));

  it("to an address that nobody serves is taken back", () =>
    unchangedBy(async () => {
      const { status, stderr } = await at.cli(["switch", "--url", "http://nowhere:1"]);
      expect(status).toBe(1);
      expect(stderr).toMatch(/http:\/\/nowhere:1 was asked from inside \S+: its name has no address/);
      expect(stderr).toContain("The old state stands.");
    }));

  it("with a token that the target refuses is taken back", () =>
    unchangedBy(async () => {
      const given = ["switch", "--url", "http://router:3000", "--token-env", "WRONG_TOKEN"];
      const { status, stderr } = await at.cli(given, { env: { WRONG_TOKEN: "not-the-key" } });
      expect(status).toBe(1);
      expect(stderr).toContain("it refuses the token (401)");
      expect(stderr).not.toContain("not-the-key");
    }));

  it("an address that wants the user's own login is reached, though it refuses who asks without one", async () => {
    const moved = await at.cli(["switch", "--url", "http://router:3000"]);
    expect(moved).toMatchObject({ status: 0 });
    expect(readFileSync(join(at.stateDir, "managed", "target.env"), "utf8")).toContain(
      "unset ANTHROPIC_AUTH_TOKEN\n",
    );
    expect(await at.cli(["switch", "router"])).toMatchObject({ status: 0 });
  });

  it("to an address that is none, or holds a password, is wrong use", () =>
    unchangedBy(async () => {
      for (const url of ["nowhere", "ftp://nowhere", "http://me:secret-word@nowhere", "http://nowhere?a=1"]) {
        const { status, stderr } = await at.cli(["switch", "--url", url]);
        expect([url, status]).toEqual([url, 2]);
        expect(stderr).not.toContain("secret-word");
      }
    }));

  it("with the token itself where its variable's name belongs is wrong use, and does not repeat it", () =>
    unchangedBy(async () => {
      const given = ["switch", "--url", "http://router:3000", "--token-env", "sk-secret-word"];
      const { status, stderr } = await at.cli(given);
      expect(status).toBe(2);
      expect(stderr).toContain("--token-env takes the name of a variable");
      expect(stderr).not.toContain("secret-word");
    }));

  it("during another switch is refused and names the other", () =>
    unchangedBy(async () => {
      const lock = join(at.stateDir, "compose", "stack.lock");
      writeFileSync(lock, String(process.pid));
      try {
        const { status, stderr } = await at.cli(["switch", "provider"]);
        expect(status).toBe(1);
        expect(stderr).toContain(`The stack is being changed by somebody else: process ${process.pid}`);
      } finally {
        rmSync(lock);
      }
    }));

  it("a lock that a killed switch has left is no lock", async () => {
    const gone = spawn("true");
    await new Promise((resolve) => gone.once("exit", resolve));
    writeFileSync(join(at.stateDir, "compose", "stack.lock"), String(gone.pid));
    expect(await at.cli(["switch", "router"])).toMatchObject({ status: 0 });
  });

  it("with the engine gone half-way is taken back", () =>
    unchangedBy(async () => {
      const real = engine.address.host.replace(/^unix:\/\//, "");
      const path = join(at.folder, "engine.sock");
      let gone = false;
      // The real engine, until the client is to be asked from inside its container.
      const proxy = createServer((near) => {
        const far = dial(real);
        const end = (): void => {
          near.destroy();
          far.destroy();
        };
        near.on("data", (bytes) => {
          if (/^POST \/\S*\/exec/.test(bytes.toString("latin1"))) gone = true;
          if (gone) end();
          else far.write(bytes);
        });
        far.on("data", (bytes) => near.write(bytes));
        for (const socket of [near, far]) socket.on("error", end).on("close", end);
      });
      await new Promise<void>((resolve) => proxy.listen(path, resolve));
      try {
        const { status, stderr } = await at.cli(["switch", "provider"], {
          env: { DOCKER_HOST: `unix://${path}` },
        });
        expect(gone).toBe(true);
        expect(status).toBe(1);
        expect(stderr).toContain("point the client's settings at provider");
        expect(stderr).toContain("The client stays where it is");
        expect(stderr).toContain("The old state stands.");
      } finally {
        proxy.close();
      }
    }));

  it("that is interrupted by Ctrl-C is taken back", () =>
    unchangedBy(async () => {
      const child = spawn(join(root, "bin/switchyard"), ["switch", "provider", "--config", at.config], {
        env: at.env,
        stdio: ["ignore", "ignore", "pipe"],
      });
      let stderr = "";
      child.stderr.on("data", (bytes: Buffer) => (stderr += bytes.toString()));
      const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
      const shell = join(at.stateDir, "managed", "target.env");
      while (!readFileSync(shell, "utf8").startsWith("# target: provider")) await sleep(5);
      child.kill("SIGINT");
      expect(await ended).toBe(1);
      expect(stderr).toContain("it was interrupted");
    }));

  it("with --recreate is taken back too: the client's container asks where it asked before", async () => {
    const before = (await state()) as Record<string, unknown>;
    const { status, stderr } = await at.cli(["switch", "--url", "http://nowhere:1", "--recreate"]);
    expect(status).toBe(1);
    expect(stderr).toContain("The old state stands.");
    expect({ ...((await state()) as object), client: "" }).toEqual({ ...before, client: "" });
    const { Config } = await engine.docker.getContainer((await at.service("claude-code")).id).inspect();
    expect(Config.Env).toContain("ANTHROPIC_BASE_URL=http://router:3000");
    expect((await at.inside('claude -p "SCRIPT:say:back"')).stdout).toBe("back\n");
  });

  it("is not called done where the client does not read what was written: its folder was deleted and made anew", async () => {
    const managed = join(at.stateDir, "managed");
    rmSync(managed, { recursive: true });
    const { status, stdout, stderr } = await at.cli(["switch", "--url", "http://router:3000"]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain("does not read what is written for it");
    expect(stderr).toContain("switchyard up replaces the container");
    const up = await at.cli(["up", "router", "claude-code", "--workspace", at.workspace]);
    expect(up.status).toBe(0);
    expect(up.stderr).toContain("recreate claude-code");
    expect((await at.inside('claude -p "SCRIPT:say:again"')).status).toBe(0);
    expect(await at.cli(["switch", "--url", "http://router:3000", "--force"])).toMatchObject({ status: 0 });
    expect((await at.inside("head -n 1 /etc/claude-code/target.env")).stdout).toBe(
      "# target: http://router:3000\n",
    );
    expect(await at.cli(["switch", "router"])).toMatchObject({ status: 0 });
  });

  it("--dry-run says each step with its cause and changes nothing", () =>
    unchangedBy(async () => {
      const { status, stdout } = await at.cli(["switch", "provider", "--dry-run"]);
      expect(status).toBe(0);
      expect(stdout).toContain("1. point the client's settings at provider: provider is asked for\n");
    }));

  it("to a service that was stopped is refused, and forced all the same where the user insists", async () => {
    const { id } = await at.service("provider").catch(() => ({ id: "" }));
    expect(id).not.toBe("");
    await engine.docker.getContainer(id).stop({ t: 1 });
    await unchangedBy(async () => {
      const { status, stderr } = await at.cli(["switch", "provider"]);
      expect(status).toBe(1);
      expect(stderr).toContain("provider: it does not run (exited)");
    });
    expect(await at.cli(["switch", "litellm", "--force"])).toMatchObject({ status: 0 });
    const status = JSON.parse((await at.cli(["status", "--json"])).stdout) as { target: object };
    expect(status.target).toMatchObject({ name: "litellm", previous: "router" });
    expect(await at.cli(["switch", "router"])).toMatchObject({ status: 0 });
  });
});
