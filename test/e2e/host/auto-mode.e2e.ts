/** Claude Code's auto mode in the fused shell on the host, on a model whose provider has no judge: the model is asked about its calls. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { type Script, startProvider } from "../../support/provider/server.ts";
import { closeAfterEach, closing } from "../../support/open.ts";
import { project, type Project } from "../support/project.ts";
import { telltaleConfig } from "../support/sessions.ts";

closeAfterEach();
let own: Project | undefined;
afterEach(() => own?.remove());

/** Runs one command in auto mode; the verdict on it is the same each time. */
const script =
  (command: string, dangerous: boolean): Script =>
  ({ raw, body }) => {
    if (raw.includes("report_verdicts"))
      return {
        tools: [
          {
            name: "report_verdicts",
            input: { verdicts: [{ call: 1, dangerous, reason: "It reaches out." }] },
          },
        ],
      };
    const done = (body.messages ?? []).some(({ role }) => role === "tool");
    return done
      ? { text: "Done." }
      : { tools: [{ name: "Bash", input: { command, description: "Runs it" } }] };
  };

it.each([
  ["that the model clears is run", false],
  ["that the model finds dangerous is not run, and the model hears why", true],
])("a command %s", async (_, dangerous) => {
  const made = "made-in-auto-mode.txt";
  const command = `curl -s http://127.0.0.1:9/ -o nothing.txt; touch ${made}`;
  const provider = closing(await startProvider(script(command, dangerous)));
  own = project(telltaleConfig(provider.url));
  const state = join(own.folder, "state/host/client");
  mkdirSync(state, { recursive: true });
  // As of a user who took out the line that turns auto mode off.
  writeFileSync(join(state, "settings.json"), '{ "theme": "dark" }');
  const where = ["--runtime", "host", "--config", own.config, "--workspace", own.workspace];
  const claude = ["claude", "-p", "run it", "--permission-mode", "auto"];
  const finished = await own.switchyard(["shell", "router", ...where, "--", ...claude], {
    env: { SCRIPTED_KEY: "sk-scripted-0123456789" },
  });
  expect(finished.stdout).toBe("Done.\n");
  expect(existsSync(join(own.workspace, made))).toBe(!dangerous);
  const last = JSON.stringify(provider.requests.at(-1)!.body.messages);
  expect(last.includes("It reaches out.")).toBe(dangerous);
});
