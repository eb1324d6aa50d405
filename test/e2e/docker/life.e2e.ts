/** The life of a fused container: shells come, join and leave; the router may fall; everything ends with the last of them. */
import { chownSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { captureIn } from "../../../src/engine/terminal.ts";
import { labels } from "../../../src/shared/container-layout.ts";
import { nodeFlags } from "../../../src/shared/node-flags.ts";
import { describeWithEngine } from "./engine.ts";
import { type Fixture, fixture } from "./fixture.ts";
import { type WarmCache, warmCacheScript } from "./warm-cache.ts";

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

describeWithEngine("life of a fused container", (engine) => {
  let at: Fixture;
  beforeAll(() => {
    at = fixture(engine, process.getuid?.() ?? 0);
  });
  afterAll(() => at.remove());

  it("passes the command's exit status on, and that of a signal as a shell does", async () => {
    expect((await at.bash("exit 7")).status).toBe(7);
    expect((await at.bash("kill -KILL $$")).status).toBe(137);
    expect((await at.run(["no-such-command"])).status).toBe(127);
  });

  it("keeps stdin, stdout and stderr of the command apart and whole", async () => {
    const input = "ünï\n".repeat(20_000);
    const { stdout, stderr, status } = await at.bash("cat; echo problem >&2", input);
    expect(stdout).toBe(input);
    expect(stderr).toBe("problem\n");
    expect(status).toBe(0);
  });

  it("claude answers at once in a fresh home", async () => {
    const { stdout, stderr, status } = await at.run(["claude", "-p", "say hi"]);
    expect(stdout).toContain('You said: "say hi"');
    expect(stderr).toBe("");
    expect(status).toBe(0);
  });

  it("the router runs with the flags that it was measured with, and what was compiled under them is there", async () => {
    const { stdout, stderr } = await at.run(["node", "-e", warmCacheScript]);
    expect(stderr).toBe("");
    const { flags, modules } = JSON.parse(stdout) as WarmCache;
    expect(flags).toEqual(expect.arrayContaining([...nodeFlags]));
    expect(Math.min(...modules)).toBeGreaterThan(250);
  });

  it("what the client keeps in its home survives the container's end", async () => {
    await at.bash("echo kept >~/note");
    await at.stopped();
    expect((await at.bash("cat ~/note; ls ~/.claude/.claude.json")).stdout).toBe(
      "kept\n/home/client/.claude/.claude.json\n",
    );
  });

  it("a second shell joins the running container, and the last to leave ends it", async () => {
    const who = "cat /proc/sys/kernel/random/boot_id; stat -c %i /proc/1/ns/pid";
    const first = at.start(["bash", "-c", `${who}; echo up; read line; echo over`]);
    await first.printed("up");
    const second = at.start(["bash", "-c", `${who}; echo up; read line; echo over`]);
    await second.printed("up");
    expect((await at.containers()).filter(({ state }) => state === "running")).toHaveLength(1);
    first.child.stdin?.end("\n");
    const one = await first.finished;
    // The container is still there for the second one.
    const router = await at.bash("curl -fsS http://127.0.0.1:3000/ready");
    expect(router.stdout).toContain("ready");
    second.child.stdin?.end("\n");
    const two = await second.finished;
    expect(two.stdout).toBe(one.stdout);
    await at.stopped();
  });

  it("shells that are opened at the same moment share one container", async () => {
    await at.stopped();
    const shells = [1, 2, 3].map(() =>
      at.start(["bash", "-c", "stat -c %i /proc/1/ns/pid; echo up; read line"]),
    );
    await Promise.all(shells.map((shell) => shell.printed("up")));
    for (const { child } of shells) child.stdin?.end("\n");
    const finished = await Promise.all(shells.map((shell) => shell.finished));
    expect(new Set(finished.map(({ stdout }) => stdout)).size).toBe(1);
    expect(finished.map(({ status }) => status)).toEqual([0, 0, 0]);
  });

  it("a router that is killed is started again, and the session survives it", async () => {
    const pid = "pgrep -u 64990";
    const shell = at.start([
      "bash",
      "-c",
      `${pid}; echo up; read line; until curl -fsS -o /dev/null http://127.0.0.1:3000/ready; do sleep 0.1; done; ${pid}; claude -p hi`,
    ]);
    await shell.printed("up");
    const [container] = await at.containers();
    const killed = await captureIn(engine.docker.getContainer(container!.id), [
      "pkill",
      "-KILL",
      "-u",
      "64990",
    ]);
    expect(killed.status).toBe(0);
    shell.child.stdin?.end("\n");
    const { stdout, status } = await shell.finished;
    const [before, up, after] = stdout.split("\n");
    expect([before, up, after]).toEqual([
      expect.stringMatching(/^\d+$/),
      "up",
      expect.stringMatching(/^\d+$/),
    ]);
    expect(after).not.toBe(before);
    expect(stdout).toContain('You said: "hi"');
    expect(status).toBe(0);
  });

  it("a command that is asked to end by SIGTERM does not stay behind in the container", async () => {
    const shell = at.start([
      "bash",
      "-c",
      "trap 'echo asked; exit 9' TERM; echo up; while :; do sleep 0.1; done",
    ]);
    await shell.printed("up");
    shell.child.kill("SIGTERM");
    const { stdout, status } = await shell.finished;
    expect(stdout).toBe("up\nasked\n");
    expect(status).toBe(9);
    await at.stopped();
  });

  it("a shell whose container is stopped or removed under it says so, and one that is killed by itself does not", async () => {
    const ends = {
      stop: (id: string) => engine.docker.getContainer(id).stop(),
      remove: (id: string) => engine.docker.getContainer(id).remove({ force: true }),
    };
    /** The status, and what was said last: where the image is built first, that was said before. */
    const heard = async (end: (id: string) => Promise<unknown>): Promise<object> => {
      const shell = at.start(["bash", "-c", "echo up; exec sleep 600"]);
      await shell.printed("up");
      const [container] = await at.containers();
      await end(container!.id);
      const { status, stderr } = await shell.finished;
      return { status, said: stderr.split("\n").at(-2) };
    };
    const told = { status: 137, said: "switchyard: the container was ended, and this shell with it" };
    expect(await heard(ends.stop)).toEqual(told);
    expect(await heard(ends.remove)).toEqual(told);
    const { status, stderr } = await at.bash("kill -KILL $$");
    expect(status).toBe(137);
    expect(stderr).not.toContain("the container");
    await at.stopped();
  });

  it("a terminal is one: its size arrives, Ctrl-C reaches the command, and its status comes back", async () => {
    const inside =
      "trap 'echo interrupted; exit 5' INT; stty size; test -t 0 && test -t 1 && echo up; while :; do sleep 0.1; done";
    const shell = at.start(["bash", "-c", inside], {
      through: (driver) => [
        "script",
        "--quiet",
        "--return",
        "--command",
        `bash -c ${quoted(`stty rows 33 cols 91; ${driver}`)}`,
        "/dev/null",
      ],
    });
    await shell.printed("up");
    shell.child.stdin?.write("\u0003");
    const { stdout, status } = await shell.finished;
    expect(stdout.replaceAll("\r", "")).toMatch(/^33 91$/m);
    expect(stdout).toContain("interrupted");
    expect(status).toBe(5);
  });

  it("the terminal is given back as it was", async () => {
    const shell = at.start(["bash", "-c", "exit 3"], {
      through: (driver) => [
        "script",
        "--quiet",
        "--return",
        "--command",
        `bash -c ${quoted(`before=$(stty -g); ${driver}; [ $? = 3 ] && [ "$before" = "$(stty -g)" ] && echo 'as it was'`)}`,
        "/dev/null",
      ],
    });
    expect((await shell.finished).stdout).toContain("as it was");
  });

  it("many workspaces do not fill the engine: of the containers that ended only some are kept, each session's state always", async () => {
    const folders = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => join(at.folder, `project-${n}`));
    for (const workspace of folders) {
      mkdirSync(workspace);
      expect((await at.start(["bash", "-c", "echo here >~/note"], { workspace }).finished).status).toBe(0);
      await at.stopped();
    }
    expect((await at.containers()).length).toBeLessThanOrEqual(6);
    const networks = await engine.docker.listNetworks({
      filters: { label: [`${labels.project}=${at.project}`] },
    });
    expect(networks.length).toBeLessThanOrEqual(6);
    const first = await at.start(["bash", "-c", "cat ~/note"], { workspace: folders[0]! }).finished;
    expect(first.stdout).toBe("here\n");
  });

  it("a workspace that is not there, or is a file, is refused before anything starts", async () => {
    await at.stopped();
    const before = await at.containers();
    const missing = await at.start(["true"], { workspace: join(at.folder, "nowhere") }).finished;
    expect(missing.stderr).toContain("workspace.unusable");
    expect(missing.stderr).toContain("it is not there");
    expect(missing.status).toBe(2);
    writeFileSync(join(at.folder, "file"), "");
    const file = await at.start(["true"], { workspace: join(at.folder, "file") }).finished;
    expect(file.stderr).toContain("it is not a folder");
    expect(await at.containers()).toEqual(before);
  });

  it("a user of the engine who is not root: the secret files are theirs, and the shell still cannot read them", async () => {
    const socket = engine.address.host.replace(/^unix:\/\//, "");
    const theirs = fixture(engine, 1234);
    try {
      chownSync(theirs.folder, 1234, 1234);
      const shell = theirs.start(["bash", "-c", "id -u; cat /run/secrets/*; claude -p 'say hi'"], {
        through: (driver) => {
          const user = ["--reuid=1234", "--regid=1234", `--groups=${statSync(socket).gid}`];
          // This machine's own folders may be closed to that user.
          const own = [`HOME=${theirs.folder}`, `XDG_CACHE_HOME=${theirs.folder}/.cache`];
          return ["setpriv", ...user, "env", ...own, "bash", "-c", driver];
        },
      });
      const { stdout, stderr, status } = await shell.finished;
      expect(status, stderr).toBe(0);
      const secrets = join(theirs.stateDir, "secrets");
      const [own] = readdirSync(secrets);
      expect(statSync(join(secrets, own!, "handover.json"))).toMatchObject({ uid: 1234, mode: 0o100600 });
      expect(stdout).toMatch(/^1234\n/);
      expect(stdout).toContain('You said: "say hi"');
      expect(stderr).toContain("Permission denied");
    } finally {
      await theirs.remove();
    }
  });

  it("the user's machine has a name inside, for servers that run there", async () => {
    const { stdout, status } = await at.bash(
      "getent ahostsv4 host.docker.internal | cut -d' ' -f1 | sort -u; ip=$(getent ahostsv4 host.docker.internal | head -n 1 | cut -d' ' -f1); [ \"$ip\" != 127.0.0.1 ]",
    );
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\.\d+\n$/);
    expect(status).toBe(0);
  });

  it("the published port is open to this machine alone", async () => {
    const shell = at.start(["bash", "-c", "echo up; read line"]);
    await shell.printed("up");
    const [container] = await at.containers();
    const { NetworkSettings } = await engine.docker.getContainer(container!.id).inspect();
    const bindings = Object.values(NetworkSettings.Ports).flat();
    expect(bindings.map((binding) => binding?.HostIp)).toEqual(["127.0.0.1"]);
    const base = `http://127.0.0.1:${bindings[0]!.HostPort}`;
    expect((await fetch(`${base}/ready`)).status).toBe(200);
    // Whoever reaches the port needs the container's own key.
    expect((await fetch(`${base}/v1/models`)).status).toBe(401);
    shell.child.stdin?.end("\n");
    await shell.finished;
  });
});
