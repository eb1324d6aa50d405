/** The real client on profiles, on the host. */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ScriptedProvider, startProvider } from "../../support/provider/server.ts";
import { meetingScript, profilesConfig, profileScenarios, scriptedKey } from "../support/on-profiles.ts";
import { type Project, project } from "../support/project.ts";

let provider: ScriptedProvider;
let own: Project;
beforeAll(async () => {
  provider = await startProvider(meetingScript());
  own = project(profilesConfig(provider.url));
});
afterAll(async () => {
  own.remove();
  await provider.close();
});

describe("switchyard claude on the host", () => {
  for (const [name, scenario] of Object.entries(profileScenarios)) {
    it(name, () =>
      scenario({
        own,
        provider,
        claude: (options, args) =>
          own.switchyard(["claude", "--runtime", "host", "--config", own.config, ...options, "--", ...args], {
            env: { SCRIPTED_KEY: scriptedKey },
          }),
        login: (credentials) => {
          const folder = join(own.folder, "state/host/client");
          mkdirSync(folder, { recursive: true });
          writeFileSync(join(folder, ".credentials.json"), credentials, { mode: 0o600 });
          return Promise.resolve();
        },
      }),
    );
  }

  it("leaves no settings file behind", () => {
    expect(readdirSync(join(own.folder, "state/host/runs"))).toEqual([]);
  });
});
