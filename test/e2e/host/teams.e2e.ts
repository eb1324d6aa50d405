/** Teams of the real client on the host. */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Script, type ScriptedProvider, startProvider } from "../../support/provider/server.ts";
import { credentialsOf, profilesConfig, scriptedKey } from "../support/on-profiles.ts";
import { type Project, project } from "../support/project.ts";
import { expectSides, runTeam, teamScript } from "../support/teams.ts";

let provider: ScriptedProvider;
let own: Project;
beforeAll(async () => {
  let script: Script = () => ({ text: "too early" });
  provider = await startProvider((request) => script(request));
  own = project(profilesConfig(provider.url));
  script = teamScript(own.workspace);
});
afterAll(async () => {
  own.remove();
  await provider.close();
});

const run = (...options: string[]) => runTeam({ own, provider, options: ["--runtime", "host", ...options] });

describe("a team on the host", () => {
  it("in tmux: leader and teammate each on its profile, side by side, in every turn", async () => {
    const asked = await run("--leader", "first", "--teammate", "second", "--tmux");
    expectSides(asked, { leader: "one,first-opus", teammate: "two,second-opus" });
    expect(asked.screen).toContain("The teammate has read it.");
    expect(readdirSync(join(own.folder, "state/host/runs"))).toEqual([]);
  });

  it("in one process: the same", async () => {
    const asked = await run("--leader", "first", "--teammate", "second", "--in-process");
    expectSides(asked, { leader: "one,first-opus", teammate: "two,second-opus" });
  });

  it("in tmux: the leader on the user's own subscription, its teammate elsewhere and without the login", async () => {
    const token = "sk-ant-oat01-of-the-user-0123456789";
    const folder = join(own.folder, "state/host/client");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, ".credentials.json"), credentialsOf(token), { mode: 0o600 });
    const asked = await run("--leader", "mine", "--model", "two,any-model");
    const [model] = asked.leader.map(({ body }) => body.model);
    expectSides(asked, { leader: `own,${model}`, teammate: "two,any-model" });
    for (const { headers } of asked.leader) expect(headers.authorization).toBe(`Bearer ${token}`);
    for (const { headers, raw } of asked.teammate) {
      expect(headers["x-api-key"]).toBe(scriptedKey);
      expect(JSON.stringify(headers) + raw).not.toContain(token);
    }
  });
});
