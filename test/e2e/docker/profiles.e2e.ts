/** The real client on profiles, in the fused container that all sessions of a workspace share. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { removeProject } from "../../../src/engine/containers.ts";
import { type ScriptedProvider, startProvider } from "../../support/provider/server.ts";
import { meetingScript, profilesConfig, profileScenarios, scriptedKey } from "../support/on-profiles.ts";
import { type Finished, type Project, project } from "../support/project.ts";
import { describeWithEngine } from "./engine.ts";

describeWithEngine("switchyard claude in the fused container", (engine) => {
  const name = `e2e-profiles-${process.pid}`;
  let provider: ScriptedProvider;
  let own: Project;
  const switchyard = (args: string[], input?: string): Promise<Finished> =>
    own.switchyard(args, { env: { SCRIPTED_KEY: scriptedKey }, ...(input !== undefined && { input }) });
  const where = (): string[] => ["--runtime", "docker", "--config", own.config];

  beforeAll(async () => {
    // A container does not reach what listens on loopback alone.
    provider = await startProvider(meetingScript(), { host: "0.0.0.0" });
    own = project(profilesConfig(provider.url, `stack: { project: ${name} }`));
    // The image is built before anybody is waited for.
    const built = await own.switchyard(["shell", "router", ...where(), "--", "true"], { timeout: 600_000 });
    expect(built.status).toBe(0);
  }, 600_000);
  afterAll(async () => {
    await removeProject(engine, name, { volumes: true, images: false });
    own.remove();
    await provider.close();
  });

  for (const [scenario, run] of Object.entries(profileScenarios)) {
    it(scenario, () =>
      run({
        own,
        provider,
        claude: (options, args) => switchyard(["claude", ...where(), ...options, "--", ...args]),
        login: async (credentials) => {
          const script = "umask 077; cat >~/.claude/.credentials.json";
          expect((await switchyard(["shell", "router", ...where(), "--", script], credentials)).status).toBe(
            0,
          );
        },
      }),
    );
  }

  it("leaves no settings file behind: the one that is there is that of the shell that looks", async () => {
    const { stdout } = await switchyard(["shell", "router", ...where(), "--", "ls -Ad /tmp/switchyard-*"]);
    expect(stdout).toMatch(/^\/tmp\/switchyard-\w+\n$/);
  });
});
