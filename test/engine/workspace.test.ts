/** The folder that is mounted into a container. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { containerWorkspace } from "../../src/engine/workspace.ts";

describe("the workspace of a container", () => {
  let home: string;
  beforeEach(() => {
    home = realpathSync(mkdtempSync(join(tmpdir(), "switchyard-home-")));
    mkdirSync(join(home, "project"));
    mkdirSync(join(home, "config/switchyard"), { recursive: true });
    writeFileSync(join(home, "config/switchyard/keys.env"), "");
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));
  const open = (folder: string, stateDir = "/var/none/state") =>
    containerWorkspace(folder, { env: { XDG_CONFIG_HOME: join(home, "config") }, stateDir });

  it("is a project's folder beside the keys", async () => {
    expect(await open(join(home, "project"), join(home, "project-state"))).toBe(join(home, "project"));
  });

  it("is not a home with the keys in it: the model would read them", async () => {
    await expect(open(home)).rejects.toMatchObject({
      code: "workspace.unusable",
      detail: expect.stringContaining("config/switchyard/keys.env"),
    });
  });

  it("is not a folder with the state folder in it, not even by another name, nor before that is there", async () => {
    symlinkSync(join(home, "project"), join(home, "link"));
    for (const folder of ["project", "link"])
      await expect(open(join(home, folder), join(home, "project/state"))).rejects.toMatchObject({
        code: "workspace.unusable",
        detail: expect.stringContaining("project/state/secrets"),
      });
  });
});
