/** The status line of the real client in fused containers. */
import { randomUUID } from "node:crypto";
import { afterAll, it } from "vitest";
import { removeProject } from "../../../src/engine/containers.ts";
import { project } from "../support/project.ts";
import { pricedConfig, statusLineDay } from "../support/status-line.ts";
import { describeWithEngine } from "./engine.ts";

describeWithEngine("the status line in a fused container", (engine) => {
  const name = `e2e-status-${randomUUID().slice(0, 8)}`;
  const own = project(pricedConfig(name));
  afterAll(async () => {
    await removeProject(engine, name, { volumes: true, images: false });
    own.remove();
  });

  it("says where the session went, what it cost and what is left, also in the next container", async () => {
    await statusLineDay(own, "docker");
  }, 600_000);
});
