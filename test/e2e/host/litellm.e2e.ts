/** `switchyard shell litellm --runtime host`: the real client and the real LiteLLM, with no container. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { filesBelow } from "../../support/cli.ts";
import { startProvider, type ScriptedProvider } from "../../support/provider/server.ts";
import { scenarioScript } from "../../support/provider/scenarios.ts";
import { type Finished, project, type Project } from "../support/project.ts";
import { byNameAlone, scenarios, telltaleConfig } from "../support/sessions.ts";

// The first one installs LiteLLM.
const patience = 600_000;

/** Prints its process id, inside the shell. */
const findLitellm = "for p in $(pgrep -P $PPID); do readlink /proc/$p/exe | grep -q python && echo $p; done";

const shellIn =
  (own: Project, env: Record<string, string> = {}) =>
  (command: string[], input = ""): Promise<Finished> => {
    const where = ["--runtime", "host", "--config", own.config, "--workspace", own.workspace];
    return own.switchyard(["shell", "litellm", ...where, "--", ...command], {
      input,
      env,
      timeout: patience,
    });
  };

describe("claude behind LiteLLM on the host, on the first day", () => {
  let own: Project;
  beforeAll(() => {
    own = project("");
  });
  afterAll(() => own.remove());

  it(
    "answers with no key at all and says which is missing; nothing is written into the home",
    async () => {
      // A variable by which LiteLLM would turn to a database: the user's own matter, and not for it.
      const shell = shellIn(own, { DATABASE_URL: "postgresql://nobody@127.0.0.1:9/none" });
      const { status, stdout, stderr } = await shell(["claude", "-p", "say hi"]);
      expect(status, stderr).toBe(0);
      expect(stdout).toContain("LiteLLM answers by itself");
      expect(stdout).toContain("OPENROUTER_API_KEY is not set");
      expect(filesBelow(own.home)).toEqual([]);
      expect(readdirSync(join(own.folder, "state/host/runs"))).toEqual([]);
    },
    patience,
  );

  it("the key in the shell asks models and is no administrator's", async () => {
    const ask = (path: string): string =>
      `curl -s -o /dev/null -w '%{http_code} ' -H "authorization: Bearer $ANTHROPIC_AUTH_TOKEN" "$ANTHROPIC_BASE_URL${path}"`;
    const { stdout } = await shellIn(own)([
      `${ask("/v1/models")}; ${ask("/model/info")}; ${ask("/key/list")}`,
    ]);
    const [models, info, keys] = stdout.trim().split(" ").map(Number);
    expect(models).toBe(200);
    expect(info).toBeGreaterThanOrEqual(400);
    expect(keys).toBeGreaterThanOrEqual(400);
  });

  it("a shell that is killed takes LiteLLM with it", async () => {
    const end =
      "for i in $(seq 300); do [ -d /proc/$p ] && ! grep -q ' Z ' /proc/$p/stat || break; sleep 0.1; done";
    const look = `p=$(${findLitellm}); echo "found $p"; kill -KILL $PPID; ${end}; [ $i -lt 300 ] && echo gone`;
    const { stdout } = await shellIn(own)([look]);
    expect(stdout).toMatch(/^found \d+\ngone\n$/);
  });
});

describe("claude behind LiteLLM on the host, with a provider", () => {
  const key = "sk-scripted-0123456789";
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
  const shell = (command: string[], input = ""): Promise<Finished> =>
    shellIn(own, { SCRIPTED_KEY: key, IS_SANDBOX: "1" })(command, input);

  it.each(byNameAlone)("%s", async (name) => {
    const mark = provider.requests.length;
    await scenarios[name]!({
      project: own,
      folder: own.workspace,
      claude: (args, input = "") => shell(["claude", ...args], input),
      bash: (script) => shell([script]),
      asked: () => Promise.resolve(provider.requests.slice(mark)),
    });
  });

  it("what the router would decide and LiteLLM cannot is said before", async () => {
    const { stderr } = await shell(["true"]);
    expect(stderr).toMatch(/^switchyard: LiteLLM goes by the model's name alone: .*think/m);
  });

  it("LiteLLM that is killed is started again, and the session goes on", async () => {
    const ready = 'until curl -fs -o /dev/null "$ANTHROPIC_BASE_URL/health/readiness"; do sleep 0.2; done';
    const script = `${findLitellm}; kill -KILL $(${findLitellm}); sleep 0.5; ${ready}; ${findLitellm}; claude -p SCRIPT:say`;
    const { stdout, stderr, status } = await shell([script]);
    const [before, after, said] = stdout.trim().split("\n");
    expect(before).toMatch(/^\d+$/);
    expect(after).toMatch(/^\d+$/);
    expect(after).not.toBe(before);
    expect(said).toBe("Hello from the script.");
    expect({ status, stderr }).toMatchObject({ status: 0 });
  });

  it("its log is kept, and holds no key", async () => {
    await shell(["claude", "-p", "SCRIPT:say"]);
    const log = readFileSync(join(own.folder, "state/logs/litellm.log"), "utf8");
    expect(log).toContain("POST /v1/messages");
    expect(log).not.toContain(key);
  });
});
