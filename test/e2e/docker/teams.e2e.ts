/** Teams of the real client in the fused container. */
import { afterAll, beforeAll, it } from "vitest";
import { removeProject } from "../../../src/engine/containers.ts";
import { type ScriptedProvider, startProvider } from "../../support/provider/server.ts";
import { profilesConfig } from "../support/on-profiles.ts";
import { type Project, project } from "../support/project.ts";
import { expectSides, runTeam, teamScript } from "../support/teams.ts";
import { describeWithEngine } from "./engine.ts";

describeWithEngine("a team in the fused container", (engine) => {
  const name = `e2e-teams-${process.pid}`;
  let provider: ScriptedProvider;
  let own: Project;
  beforeAll(async () => {
    // A container does not reach what listens on loopback alone.
    provider = await startProvider(teamScript("/workspace"), { host: "0.0.0.0" });
    own = project(profilesConfig(provider.url, `stack: { project: ${name} }`));
    // The image is built before anybody is waited for.
    const options = ["--runtime", "docker", "--config", own.config];
    await own.switchyard(["shell", "router", ...options, "--", "true"], { timeout: 600_000 });
  }, 600_000);
  afterAll(async () => {
    await removeProject(engine, name, { volumes: true, images: false });
    own.remove();
    await provider.close();
  });

  it("in tmux: leader and teammate each on its profile, in every turn", async () => {
    const options = ["--runtime", "docker", "--leader", "first", "--teammate", "second", "--tmux"];
    const asked = await runTeam({ own, provider, options });
    expectSides(asked, { leader: "one,first-opus", teammate: "two,second-opus" });
  });
});
