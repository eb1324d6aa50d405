/**
 * `switchyard uninstall` on an engine: containers, networks, volumes and images of ours go, and those of others stay. The engine is one of
 * the test's own, for uninstall takes away every image of ours that an engine has.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, it } from "vitest";
import { connect, type Engine } from "../../../src/engine/connect.ts";
import { labels } from "../../../src/shared/container-layout.ts";
import { until } from "../../support/cli.ts";
import { type Finished, project, type Project } from "../support/project.ts";
import { describeWithEngine } from "./engine.ts";

describeWithEngine("switchyard uninstall", () => {
  const bridge = "/sys/class/net/docker0";
  const hadBridge = existsSync(bridge);
  const name = `uninstall-${process.pid}`;
  let folder: string;
  let daemon: ChildProcess;
  let engine: Engine;
  let own: Project;
  /** Leads to the test's own engine and cache: what is tested removes whatever it finds there. */
  let env: Record<string, string>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "switchyard-dockerd-"));
    mkdirSync(join(folder, "data"));
    const host = `unix://${join(folder, "engine.sock")}`;
    const at = (option: string, path: string): string => `--${option}=${join(folder, path)}`;
    daemon = spawn(
      "unshare",
      [
        // Without a bridge of its own an engine removes docker0, which would be that of the machine's.
        "--net",
        "dockerd",
        at("data-root", "data"),
        at("exec-root", "exec"),
        at("pidfile", "pid"),
        `--host=${host}`,
        "--bridge=none",
        "--iptables=false",
        "--ip6tables=false",
        "--storage-driver=vfs",
      ],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    let words = "";
    daemon.stderr?.setEncoding("utf8").on("data", (text: string) => (words = (words + text).slice(-2_000)));
    own = project(`stack: { project: ${name} }\nserver: { port: 0 }\n`);
    await until(
      () =>
        connect({ DOCKER_HOST: host }).then(
          (found) => {
            engine = found;
            return true;
          },
          () => false,
        ),
      () => `an engine of the test's own: ${words}`,
      60_000,
    );
    env = { DOCKER_HOST: host, XDG_CACHE_HOME: join(folder, "cache") };
    const empty = Buffer.alloc(1_024);
    for (const image of ["switchyard/client:e2e", "switchyard/router:e2e", "other/image:1"]) {
      const [repo, tag] = image.split(":");
      await new Promise<void>((done, fail) => {
        void engine.docker
          .importImage(Readable.from([empty]) as unknown as NodeJS.ReadableStream & string, { repo, tag })
          .then((stream) => stream.resume().once("end", done).once("error", fail), fail);
      });
    }
    for (const of of [name, `${name}-other`]) {
      const marks = { [labels.project]: of };
      await engine.docker.createVolume({ Name: `${of}_client`, Labels: marks });
      await engine.docker.createNetwork({ Name: `${of}_default`, Labels: marks, Driver: "bridge" });
      await engine.docker.createContainer({
        name: `${of}-one`,
        Image: of === name ? "switchyard/router:e2e" : "switchyard/client:e2e",
        Cmd: ["true"],
        Labels: { ...marks, [labels.service]: "fused-router" },
        HostConfig: { NetworkMode: "none" },
      });
    }
  });
  afterAll(async () => {
    own?.remove();
    const ended = new Promise((done) => daemon.once("close", done));
    if (daemon.exitCode === null && daemon.kill("SIGTERM")) await ended;
    rmSync(folder, { recursive: true, force: true });
  });

  /** What is there, by the names that people see. */
  const there = async (): Promise<string[]> => {
    const { docker } = engine;
    const containers = (await docker.listContainers({ all: true })).flatMap(({ Names }) => Names);
    const volumes = (await docker.listVolumes()).Volumes.map((each) => each.Name);
    const networks = (await docker.listNetworks()).map((each) => each.Name);
    const images = (await docker.listImages()).flatMap(({ RepoTags }) => RepoTags ?? []);
    return [...containers, ...volumes, ...networks, ...images]
      .filter((each) => /uninstall-|\//.test(each))
      .toSorted();
  };
  const uninstall = async (...more: string[]): Promise<Finished> => {
    const words = ["uninstall", "--config", own.config];
    const shared = more.filter((each) => each === "--shared");
    const listed = await own.switchyard([...words, "--dry-run", ...shared], { env });
    const foreign = listed.stdout
      .split("\n")
      .filter((line) => line !== "" && !/ (?:uninstall-\d|switchyard\/\w+:e2e )/.test(line))
      .filter((line) => ![folder, own.folder].some((each) => line.includes(` ${each}/`)));
    // Of the machine's own nothing is ever to be lost by a test.
    if (foreign.length > 0) throw new Error(`this is not the test's own: ${foreign.join("; ")}`);
    return more.includes("--dry-run") ? listed : own.switchyard([...words, ...more], { env });
  };

  it("the test's own engine leaves the machine's its bridge", () => {
    expect(existsSync(bridge)).toBe(hadBridge);
  });

  it("keeps the images while another project has something on the engine, and names both", async () => {
    const { stdout, stderr } = await uninstall("--dry-run");
    expect(stdout).toContain(`${name}-one`);
    expect(stdout).not.toContain("switchyard/");
    expect(stderr).toContain("switchyard/client:e2e, switchyard/router:e2e");
    expect(stderr).toContain(`other projects use it: ${name}-other`);
  });

  it("lists and removes all of this project and with --shared the images, and nothing of another project; an image in use stays, and is named", async () => {
    const before = await there();
    const listed = await uninstall("--dry-run", "--shared");
    for (const each of [`${name}-one`, `${name}_client`, `${name}_default`, "switchyard/router:e2e"])
      expect(listed.stdout).toContain(each);
    expect(listed.stdout).not.toContain("other");
    expect(await there()).toEqual(before);

    const { status, stderr } = await uninstall("--yes", "--shared");
    expect({ status, stderr }).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("stays: switchyard/client:e2e: "),
    });
    const left = [
      `/${name}-other-one`,
      `${name}-other_client`,
      `${name}-other_default`,
      "other/image:1",
      "switchyard/client:e2e",
    ];
    expect(await there()).toEqual(left.toSorted());
  });

  it("once more is harmless, and takes what was in use before", async () => {
    await engine.docker.getContainer(`${name}-other-one`).remove({ force: true });
    await engine.docker.getVolume(`${name}-other_client`).remove();
    expect(await uninstall("--yes")).toMatchObject({ status: 0 });
    expect((await there()).filter((each) => each.startsWith("switchyard/"))).toEqual([]);
    expect((await uninstall("--yes")).stderr).toContain("there is nothing of it");
  });
});
