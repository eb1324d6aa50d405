/** The real client in the fused shell on the host, against a scripted provider on loopback. */
import { afterAll, beforeAll, describe, it } from "vitest";
import { startProvider, type ScriptedProvider } from "../../support/provider/server.ts";
import { scenarioScript } from "../../support/provider/scenarios.ts";
import { type Finished, project, type Project } from "../support/project.ts";
import { scenarios, telltaleConfig } from "../support/sessions.ts";

let provider: ScriptedProvider;
let own: Project;
beforeAll(async () => {
  provider = await startProvider(scenarioScript);
  own = project(telltaleConfig(provider.url));
});
afterAll(async () => {
  await provider.close();
  own.remove();
});

const shell = (command: string[], input = ""): Promise<Finished> => {
  const where = ["--runtime", "host", "--config", own.config, "--workspace", own.workspace];
  return own.switchyard(["shell", "router", ...where, "--", ...command], {
    input,
    env: { SCRIPTED_KEY: "sk-scripted-0123456789", IS_SANDBOX: "1" },
  });
};

describe("claude in the fused shell on the host", () => {
  for (const [name, scenario] of Object.entries(scenarios)) {
    it(name, async () => {
      const mark = provider.requests.length;
      await scenario({
        project: own,
        folder: own.workspace,
        claude: (args, input = "") => shell(["claude", ...args], input),
        bash: (script) => shell([script]),
        asked: () => Promise.resolve(provider.requests.slice(mark)),
      });
    });
  }
});
