/** `switchyard shell litellm`: the real client and the real LiteLLM in one container. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { captureIn } from "../../../src/engine/terminal.ts";
import { byNameAlone, scenarios, telltaleConfig } from "../support/sessions.ts";
import { describeWithEngine } from "./engine.ts";
import { type Fixture, fixture } from "./fixture.ts";
import { addProvider, providerUrl, requestsOf } from "./provider-service.ts";

const key = "sk-scripted-0123456789";

describeWithEngine("claude behind LiteLLM in a container, on the first day", (engine) => {
  let at: Fixture;
  beforeAll(() => {
    at = fixture(engine, 1234, "", {}, "litellm");
  });
  afterAll(() => at.remove());

  it("answers with no key at all and says which is missing", async () => {
    const { stdout, stderr, status } = await at.run(["claude", "-p", "say hi"]);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(stdout).toContain("LiteLLM answers by itself");
    expect(stdout).toContain("OPENROUTER_API_KEY is not set");
    await at.stopped();
  });

  it("Ctrl-C while LiteLLM starts leaves no container that waits for a shell", async () => {
    const shell = at.start(["true"]);
    await new Promise<void>((resolve) => {
      let said = "";
      shell.child.stderr?.on("data", (text: string) => {
        said += text;
        if (said.includes("LiteLLM is starting")) resolve();
      });
    });
    shell.child.kill("SIGINT");
    const { stderr } = await shell.finished;
    expect(shell.child.signalCode).toBe("SIGINT");
    expect(stderr).not.toContain("failed");
    await at.stopped();
    const [container] = await at.containers();
    const found = engine.docker.getContainer(container!.id);
    const log: Buffer = await found.logs({ stderr: true, follow: false, tail: 1 });
    expect(log.toString()).toContain("it was stopped before it was ready");
    expect((await found.inspect()).State.ExitCode).toBe(1);
  });

  it("a session that was begun behind the router goes on behind LiteLLM", async () => {
    const begun = await at.start(["claude", "-p", "remember the train"], { backend: "router" }).finished;
    expect(begun.stdout).toContain('You said: "remember the train"');
    const { stdout, status } = await at.bash(
      "claude -p --continue 'and now?' && grep -rl 'remember the train' ~/.claude/projects | wc -l; grep -rl 'and now?' ~/.claude/projects | wc -l",
    );
    expect(stdout).toMatch(/LiteLLM answers by itself[^]*\n1\n1\n$/);
    expect(status).toBe(0);
  });
});

describeWithEngine("claude behind LiteLLM in a container, with a provider", (engine) => {
  let at: Fixture;
  beforeAll(async () => {
    at = fixture(engine, 1234, telltaleConfig(providerUrl), { SCRIPTED_KEY: key }, "litellm");
    addProvider(at, 1234);
    await at.hold();
  });
  afterAll(() => at.remove());

  it.each(byNameAlone)("%s", async (name) => {
    const mark = (await requestsOf(engine, at)).length;
    await scenarios[name]!({
      project: at,
      folder: "/workspace",
      claude: (args, input) => at.run(["claude", ...args], input),
      bash: (script) => at.bash(script),
      asked: async () => (await requestsOf(engine, at)).slice(mark),
    });
  });

  it("passes the command's exit status on, and keeps its streams apart", async () => {
    const { stdout, stderr, status } = await at.bash("echo out; echo err >&2; exit 7");
    expect({ stdout, status }).toEqual({ stdout: "out\n", status: 7 });
    expect(stderr).toMatch(/(^|\n)err\n$/);
    expect((await at.bash("kill -KILL $$")).status).toBe(137);
  });

  it("the key in the shell asks models and is no administrator's", async () => {
    const ask = (path: string): string =>
      `curl -s -o /dev/null -w '%{http_code} ' -H "authorization: Bearer $ANTHROPIC_AUTH_TOKEN" "$ANTHROPIC_BASE_URL${path}"`;
    const { stdout } = await at.bash(`${ask("/v1/models")}; ${ask("/model/info")}; ${ask("/key/list")}`);
    const [models, info, keys] = stdout.trim().split(" ").map(Number);
    expect(models).toBe(200);
    expect(info).toBeGreaterThanOrEqual(400);
    expect(keys).toBeGreaterThanOrEqual(400);
  });

  it("LiteLLM that is killed is started again, and the session survives it", async () => {
    const pid = "pgrep -u 64990";
    const ready = "until curl -fs -o /dev/null http://127.0.0.1:4000/health/readiness; do sleep 0.2; done";
    const shell = at.start([
      "bash",
      "-c",
      `${pid}; echo up; read line; sleep 0.5; ${ready}; ${pid}; claude -p SCRIPT:say`,
    ]);
    await shell.printed("up");
    const container = (await at.containers()).find(
      (each) => each.labels["io.switchyard.service"] === "fused-litellm" && each.state === "running",
    );
    const kill = ["pkill", "-KILL", "-u", "64990"];
    expect((await captureIn(engine.docker.getContainer(container!.id), kill)).status).toBe(0);
    shell.child.stdin?.end("\n");
    const { stdout, status } = await shell.finished;
    const [before, up, after, said] = stdout.trim().split("\n");
    expect(before).toMatch(/^\d+$/);
    expect(up).toBe("up");
    expect(after).toMatch(/^\d+$/);
    expect(after).not.toBe(before);
    expect(said).toBe("Hello from the script.");
    expect(status).toBe(0);
  });

  it("runs beside the router's container of the same workspace, and both leave with their own shells", async () => {
    const router = await at.start(["bash", "-c", "echo $ANTHROPIC_BASE_URL"], { backend: "router" }).finished;
    expect(router.stdout).toBe("http://127.0.0.1:3000\n");
    const { stdout } = await at.bash("echo $ANTHROPIC_BASE_URL");
    expect(stdout).toBe("http://127.0.0.1:4000\n");
    const projects = (await at.containers()).map((each) => each.labels["com.docker.compose.project"]);
    expect(new Set(projects).size).toBe(2);
  });

  it("the container's log tells of requests and holds no key", async () => {
    const found = (await at.containers()).find(
      (each) => each.labels["io.switchyard.service"] === "fused-litellm",
    );
    const log: Buffer = await engine.docker
      .getContainer(found!.id)
      .logs({ stdout: true, stderr: true, follow: false });
    expect(log.toString()).toContain("POST /v1/messages");
    expect(log.toString()).not.toContain(key);
  });
});

describeWithEngine("a LiteLLM configuration of the user's own in a container", (engine) => {
  const master = "sk-mine-0123456789";
  const run = async (yaml: string, script: string) => {
    const at = fixture(
      engine,
      1234,
      "stack: { litellm: { config: own.yaml } }",
      { MY_MASTER: master },
      "litellm",
    );
    writeFileSync(join(at.folder, "own.yaml"), yaml);
    try {
      return await at.bash(script);
    } finally {
      await at.remove();
    }
  };

  it("is run as it is, with the variables that it names, and the client sends what it asks for", async () => {
    const own = `
model_list:
  - model_name: "*"
    litellm_params: { model: openai/x, api_key: none, mock_response: "My own LiteLLM answers." }
general_settings: { master_key: os.environ/MY_MASTER }
`;
    const { stdout, stderr } = await run(own, "claude -p hi; env | grep -c MY_MASTER");
    expect(stdout).toBe("My own LiteLLM answers.\n0\n");
    expect(stderr).toContain("which is an administrator's");
  });

  it("one that LiteLLM does not take is told in LiteLLM's words, without its stack trace", async () => {
    const own = 'model_list: []\nlitellm_settings: { callbacks: ["nothing.there"] }\n';
    const { status, stdout, stderr } = await run(own, "true");
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain("fuse.litellmFailed");
    expect(stderr).toContain("ImportError: Could not import there from nothing");
    expect(stderr).not.toMatch(/Traceback|File "/);
  });
});
