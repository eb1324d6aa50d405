/** `switchyard doctor --fix` on an engine: a container that never started is found and removed, and one of another project stays. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { labels } from "../../../src/shared/container-layout.ts";
import type { Finding } from "../../../src/cli/doctor/check.ts";
import { project, type Project } from "../support/project.ts";
import { describeWithEngine } from "./engine.ts";

describeWithEngine("doctor --fix", ({ docker }) => {
  const name = `doctor-e2e-${process.pid}`;
  let own: Project;
  let image: string;
  beforeEach(async () => {
    own = project(`stack: { project: ${name} }\nserver: { port: 0 }\n`);
    image = (await docker.listImages())[0]!.Id;
    for (const of of [name, `${name}-other`])
      await docker.createContainer({
        name: `${of}-left`,
        Image: image,
        Cmd: ["true"],
        Labels: { [labels.project]: of, [labels.service]: "fused-router" },
      });
  });
  afterEach(async () => {
    for (const of of [name, `${name}-other`])
      await docker
        .getContainer(`${of}-left`)
        .remove({ force: true })
        .catch(() => undefined);
    own.remove();
  });

  const leftovers = async (...more: string[]): Promise<Finding[]> => {
    const { stdout } = await own.switchyard(["doctor", "--json", "--config", own.config, ...more]);
    return (JSON.parse(stdout) as Finding[]).filter(({ about }) => about === "leftovers");
  };

  it("removes what is left of this project alone", async () => {
    expect(await leftovers()).toEqual([
      expect.objectContaining({ state: "note", fix: `remove the container ${name}-left` }),
    ]);
    expect(await leftovers("--fix")).toEqual([]);
    const names = (await docker.listContainers({ all: true })).flatMap(({ Names }) => Names);
    expect(names).not.toContain(`/${name}-left`);
    expect(names).toContain(`/${name}-other-left`);
  });
});
