/** The images: built once, small, with no trace of the machine, and each with what it needs and nothing else. */
import { execFile } from "node:child_process";
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { caBundle } from "../../../src/engine/build-inputs.ts";
import { ensureImage, imageName } from "../../../src/engine/images.ts";
import { checkoutRoot } from "../../../src/shared/paths.ts";
import { describeWithEngine } from "./engine.ts";
import { contentsOf } from "./image-contents.ts";

const run = promisify(execFile);
/** Text that stands for what is the machine's own; letters only, so that no tool reads a meaning into it. */
const mark = `mark${Math.random().toString(36).slice(2).replaceAll(/\d/g, "x")}`;

describeWithEngine("images", (engine) => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-image-"));
  const uid = 4321;
  const clientVersion = "2.1.329";
  const request = {
    root: checkoutRoot(),
    clientVersion,
    litellmVersion: "1.102.4",
    cliproxyapiVersion: "6.9.16",
    uid,
    gid: uid,
  };
  const names = ["fused-router", "client", "router"] as const;
  const base = process.env["SWITCHYARD_BASE"];
  const images = Object.fromEntries(names.map((name) => [name, imageName(name, request, base)])) as Record<
    (typeof names)[number],
    string
  >;
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    for (const name of names) await engine.docker.getImage(images[name]).remove({ force: true });
  });

  it("keep nothing of the machine's CA bundle, proxy and registries", async () => {
    const own = caBundle(process.env);
    const ca = join(folder, "ca.pem");
    if (own === undefined) writeFileSync(ca, "");
    else copyFileSync(own, ca);
    appendFileSync(ca, `# ${mark}\n`);
    const npmrc = join(folder, "npmrc");
    const usual = join(homedir(), ".npmrc");
    writeFileSync(
      npmrc,
      `${existsSync(usual) ? readFileSync(usual, "utf8") : ""}\n//${mark}.invalid/:_authToken=${mark}\n`,
    );
    const env = {
      ...process.env,
      SWITCHYARD_CA: ca,
      NPM_CONFIG_USERCONFIG: npmrc,
      PIP_TRUSTED_HOST: `${mark}.invalid`,
      NO_PROXY: `${mark}.invalid,*`,
    };

    let output = "";
    const image = await ensureImage(engine, "fused-router", request, {
      env,
      rebuild: true,
      say: () => undefined,
      onOutput: (text) => (output += text),
    });
    expect(image).toBe(images["fused-router"]);
    expect(output).toContain("npm ci");
    expect(output).not.toContain(mark);

    for (const name of names) {
      const { stdout: history } = await run(
        "docker",
        ["history", "--no-trunc", "--format", "{{.CreatedBy}}", images[name]],
        { env: engine.env },
      );
      expect(history).toContain(name === "router" ? "COPY /opt/switchyard" : "CLAUDE_CODE_VERSION");
      const described = JSON.stringify(await engine.docker.getImage(images[name]).inspect());
      expect(history + described).not.toContain(mark);
      const contents = await contentsOf(engine, images[name]);
      expect(await contents.count(mark)).toBe(0);
      // The search finds what is there.
      expect(await contents.count("ELF")).toBeGreaterThan(0);
    }
  });

  it("hold no cache of a package manager, no secret file and no second Node", async () => {
    for (const name of names) {
      const files = (await contentsOf(engine, images[name])).files.map(({ path }) => path);
      expect(files.filter((path) => path.endsWith("/bin/node"))).toEqual(["usr/local/bin/node"]);
      const leftovers =
        /^(root\/\.|tmp\/|run\/secrets\/|var\/lib\/apt\/lists\/|var\/cache\/(apt|debconf)\/).+/;
      // What every image of Debian brings along for root.
      const usual = /^root\/\.(bashrc|profile)$/;
      expect(files.filter((path) => leftovers.test(path) && !usual.test(path))).toEqual([]);
    }
  });

  it("the router's has Node, a shell for its start and health check, and no client, package manager or type", async () => {
    const { files } = await contentsOf(engine, images.router);
    const paths = files.filter(({ path }) => !path.endsWith("/")).map(({ path }) => path);
    expect(paths.filter((path) => /^(usr\/)?(local\/)?s?bin\//.test(path)).toSorted()).toEqual([
      "bin/cat",
      "bin/rm",
      "bin/sh",
      "bin/sleep",
      "bin/touch",
      "usr/local/bin/node",
    ]);
    expect(paths.filter((path) => /claude-code\/|anthropic-ai|\bnpm\b/.test(path))).toEqual([]);
    expect(paths.filter((path) => /\.(map|md|d\.[cm]?ts)$|\/(tests?|docs)\//.test(path))).toEqual([]);
    expect(
      paths.filter((path) =>
        /node_modules\/(dockerode|jsonc-parser|ssh2|@grpc|@types|typescript)\//.test(path),
      ),
    ).toEqual([]);
    // The user's own configuration lies beside the project's.
    expect(paths.filter((path) => path.startsWith("opt/switchyard/config/")).toSorted()).toEqual(
      ["default.yaml", "models.yaml", "providers.yaml", "switchyard.schema.json"].map(
        (name) => `opt/switchyard/config/${name}`,
      ),
    );
  });

  it("the client's has Claude Code and none of Switchyard's sources, and its folders are the caller's", async () => {
    const { files } = await contentsOf(engine, images.client);
    expect(files.filter(({ path }) => /^opt\/./.test(path))).toEqual([]);
    const ownerOf = (wanted: string): string | undefined => files.find(({ path }) => path === wanted)?.owner;
    expect(ownerOf("home/client/")).toBe(`${uid}/${uid}`);
    expect(ownerOf("workspace/")).toBe(`${uid}/${uid}`);
    // The managed settings are nobody's to replace.
    expect(ownerOf("etc/claude-code/")).toBe("0/0");

    // As compose mounts an empty volume there.
    const script = "id -u; id -g; touch ~/mine && stat -c %u ~/mine; claude --version";
    const { stdout } = await run(
      "docker",
      ["run", "--rm", "--network", "none", "--volume", "/home/client", images.client, "sh", "-c", script],
      { env: engine.env },
    );
    expect(stdout.trim().split("\n")).toEqual([
      `${uid}`,
      `${uid}`,
      `${uid}`,
      `${clientVersion} (Claude Code)`,
    ]);
  });

  describe("the compose files", () => {
    it("are valid, and say which variables they need", async () => {
      const check = (env: NodeJS.ProcessEnv) =>
        run(
          "docker",
          ["compose", "--file", join(checkoutRoot(), "compose/fused-router.yaml"), "config", "--quiet"],
          { env },
        );
      const { WORKSPACE: _workspace, SWITCHYARD_STATE_DIR: _state, ...bare } = engine.env;
      await expect(check({ ...bare, WORKSPACE: folder, SWITCHYARD_STATE_DIR: folder })).resolves.toEqual({
        stdout: "",
        stderr: "",
      });
      await expect(check({ ...bare, SWITCHYARD_STATE_DIR: folder })).rejects.toThrow("WORKSPACE");
      await expect(check({ ...bare, WORKSPACE: folder })).rejects.toThrow("SWITCHYARD_STATE_DIR");
    });
  });

  it("of the fused form are built by hand as their Dockerfile says, on those of client and router", async () => {
    const tag = `switchyard/fused-router:by-hand-${process.pid}`;
    const dockerfile = "images/fused-router/Dockerfile";
    const parents = { CLIENT: images.client, ROUTER: images.router };
    const args = Object.entries(parents).flatMap(([name, image]) => ["--build-arg", `${name}=${image}`]);
    await run(
      "docker",
      ["buildx", "build", "--quiet", "--load", "--file", dockerfile, ...args, "--tag", tag, "."],
      {
        cwd: checkoutRoot(),
        env: { ...engine.env, BUILDX_CONFIG: join(folder, "buildx") },
      },
    );
    try {
      const made = await engine.docker.getImage(tag).inspect();
      const client = await engine.docker.getImage(images.client).inspect();
      expect(made.RootFS.Layers?.slice(0, client.RootFS.Layers?.length)).toEqual(client.RootFS.Layers);
      expect(made.Config.User).toBe("0:0");
    } finally {
      await engine.docker.getImage(tag).remove({ force: true });
    }
  });

  it("are found again instead of being built twice", async () => {
    const said: string[] = [];
    const ensure = () => ensureImage(engine, "fused-router", request, { say: (line) => said.push(line) });
    await engine.docker.getImage(images["fused-router"]).remove({ force: true });
    expect(await ensure()).toBe(images["fused-router"]);
    // Its parents were there.
    expect(said).toEqual([expect.stringContaining(`building ${images["fused-router"]}`)]);
    said.length = 0;
    expect(await ensure()).toBe(images["fused-router"]);
    expect(said).toEqual([]);
  });
});
