/** No engine: said once, with each reason. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connect } from "../../src/engine/connect.ts";

describe("connecting", () => {
  let folder: string;
  let server: Server | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "switchyard-connect-"));
  });
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    server = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  it("an engine that is not there is a refusal that says where it was looked for, and what to do", async () => {
    const error = await connect({ HOME: folder, DOCKER_HOST: `unix://${folder}/none.sock` }).catch(
      (e: unknown) => e,
    );
    expect(error).toMatchObject({ code: "engine.none", exitStatus: 1 });
    expect((error as Error).message).toContain("DOCKER_HOST: not there");
    expect((error as { hint: string }).hint).toContain("make engine");
  });

  it("a context that does not exist is named", async () => {
    await expect(connect({ HOME: folder, DOCKER_CONTEXT: "nowhere" })).rejects.toMatchObject({
      code: "engine.none",
      detail: expect.stringContaining("nowhere"),
    });
  });

  it("what an engine tells of itself decides: a rootless one, its CPUs, its version", async () => {
    const socket = join(folder, "engine.sock");
    server = createServer((request, response) => {
      response.setHeader("content-type", "application/json");
      if (request.url?.endsWith("/_ping")) response.end("OK");
      else
        response.end(
          JSON.stringify({
            NCPU: 3,
            ServerVersion: "27.1",
            SecurityOptions: ["name=seccomp", "name=rootless"],
          }),
        );
    });
    await new Promise<void>((resolve) => server?.listen(socket, resolve));
    const engine = await connect({ HOME: folder, DOCKER_HOST: `unix://${socket}` });
    expect(engine).toMatchObject({ cpus: 3, version: "27.1", rootless: true, builder: "default" });
    expect(engine.env["DOCKER_HOST"]).toBe(`unix://${socket}`);
  });
});
