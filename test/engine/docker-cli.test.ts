/** Failures of Docker's own tools, as a user is told of them. A small program stands in for `docker`. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { requireDocker, runDocker } from "../../src/engine/docker-cli.ts";

describe("docker's tools", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "switchyard-cli-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const engine = (script?: string): { env: NodeJS.ProcessEnv } => {
    if (script !== undefined)
      writeFileSync(join(folder, "docker"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return { env: { PATH: script === undefined ? folder : `${folder}:/usr/bin:/bin` } };
  };

  it("a full disk is called by its name, whatever step met it", async () => {
    const full = engine(
      "echo 'ERROR: failed to solve: write /var/lib/docker/tmp/x: no space left on device' >&2; exit 1",
    );
    await expect(requireDocker(full, ["buildx", "build"], "engine.buildFailed")).rejects.toMatchObject({
      code: "engine.noSpace",
      hint: expect.stringContaining("docker builder prune"),
    });
  });

  it("a build that fails shows the last lines of its output", async () => {
    const failing = engine("for i in $(seq 100); do echo line $i; done; echo 'npm error 404' >&2; exit 1");
    const error = await requireDocker(failing, ["buildx", "build"], "engine.buildFailed").catch(
      (e: unknown) => e,
    );
    expect(error).toMatchObject({ code: "engine.buildFailed" });
    expect((error as Error).message).toContain("npm error 404");
    expect((error as Error).message).not.toContain("line 80\n");
  });

  it("a client without the plugin says which is missing", async () => {
    const bare = engine("echo \"docker: 'buildx' is not a docker command.\" >&2; exit 1");
    await expect(requireDocker(bare, ["buildx", "build"], "engine.buildFailed")).rejects.toMatchObject({
      code: "engine.failed",
      detail: expect.stringContaining("buildx"),
    });
  });

  it("a client that takes the plugin's options for its own says so too", async () => {
    const bare = engine(
      "printf 'unknown flag: --builder\\n\\nUsage:  docker [OPTIONS] COMMAND [ARG...]\\n' >&2; exit 125",
    );
    await expect(requireDocker(bare, ["buildx", "build"], "engine.buildFailed")).rejects.toMatchObject({
      code: "engine.failed",
      detail: expect.stringContaining("buildx"),
    });
  });

  it("a Dockerfile with an unknown flag is not taken for a missing plugin", async () => {
    const wrong = engine("echo 'ERROR: dockerfile parse error on line 8: unknown flag: lnk' >&2; exit 1");
    await expect(requireDocker(wrong, ["buildx", "build"], "engine.buildFailed")).rejects.toMatchObject({
      code: "engine.buildFailed",
    });
  });

  it("no client at all is said as such", async () => {
    await expect(runDocker(engine(), ["version"])).rejects.toMatchObject({
      code: "engine.failed",
      detail: expect.stringContaining("not installed"),
    });
  });

  it("output is handed on as it comes, both streams", async () => {
    let seen = "";
    const { status } = await runDocker(engine("echo out; echo err >&2; exit 4"), [], {
      onOutput: (text) => (seen += text),
    });
    expect(status).toBe(4);
    expect(seen.split("\n").toSorted()).toEqual(["", "err", "out"]);
  });
});
