/** The fused image: built once, small of trace. */
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
import { afterAll, expect, it } from "vitest";
import { caBundle } from "../../../src/engine/build-inputs.ts";
import { ensureImage } from "../../../src/engine/images.ts";
import { checkoutRoot } from "../../../src/shared/paths.ts";
import { describeWithEngine } from "./engine.ts";

const run = promisify(execFile);
/** Text that stands for what is the machine's own; letters only, so that no tool reads a meaning into it. */
const mark = `mark${Math.random().toString(36).slice(2).replaceAll(/\d/g, "x")}`;

describeWithEngine("fused image", (engine) => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-image-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const request = {
    root: checkoutRoot(),
    clientVersion: "2.1.329",
    litellmVersion: "1.102.4",
    uid: 4321,
    gid: 4321,
  };

  it("keeps nothing of the machine's CA bundle, proxy and registry", async () => {
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
      NO_PROXY: `${mark}.invalid,*`,
    };

    let output = "";
    const image = await ensureImage(engine, "fused-router", request, {
      env,
      rebuild: true,
      say: () => undefined,
      onOutput: (text) => (output += text),
    });
    expect(output).toContain("npm ci");
    expect(output).not.toContain(mark);

    const { stdout: history } = await run(
      "docker",
      ["history", "--no-trunc", "--format", "{{.CreatedBy}}", image],
      { env: engine.env },
    );
    expect(history).toContain("CLAUDE_CODE_VERSION");
    const described = JSON.stringify(await engine.docker.getImage(image).inspect());
    // As root, over every file of every layer that can still be seen.
    const search = `grep -rlF ${mark} / --exclude-dir=proc --exclude-dir=sys 2>/dev/null; ls -A /run/secrets /root/.npm /root/.cache /var/lib/apt/lists /tmp 2>/dev/null | grep -v '^/'; echo searched`;
    const { stdout: found } = await run(
      "docker",
      ["run", "--rm", "--network", "none", "--entrypoint", "sh", image, "-c", search],
      { env: engine.env },
    );
    expect(found.split("\n").filter((line) => line !== "")).toEqual(["searched"]);
    expect(history + described).not.toContain(mark);

    await engine.docker.getImage(image).remove({ force: true });
  });

  it("the committed compose file is valid, and says which variables it needs", async () => {
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

  it("is found again instead of being built twice", async () => {
    const said: string[] = [];
    const ensure = () =>
      ensureImage(engine, "fused-router", request, {
        say: (line) => said.push(line),
        onOutput: () => undefined,
      });
    const image = await ensure();
    expect(said.join()).toContain("building");
    said.length = 0;
    expect(await ensure()).toBe(image);
    expect(said).toEqual([]);
    await engine.docker.getImage(image).remove({ force: true });
  });
});
