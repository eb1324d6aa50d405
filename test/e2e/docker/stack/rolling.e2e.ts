/** The router is replaced, and its configuration changed, while the real client is being answered. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../../../support/cli.ts";
import { describeWithEngine } from "../engine.ts";
import { providerKey, type StackFixture, stackFixture } from "./fixture.ts";

const some = ["up", "router", "claude-code", "provider"];
const whole = "It comes slowly, word by word, and it is complete at last.\n";

describeWithEngine("a router that is replaced or reloaded under a session", (engine) => {
  let at: StackFixture;
  beforeAll(async () => {
    at = stackFixture(engine);
    expect(await at.cli([...some, "--workspace", at.workspace])).toMatchObject({ status: 0 });
    // The provider has no health check: up does not wait for it.
    await until(
      () =>
        at.asked().then(
          () => true,
          () => false,
        ),
      "the provider",
    );
  });
  afterAll(() => at.remove());

  const change = (from: string | RegExp, to: string): void => {
    const text = readFileSync(at.config, "utf8");
    expect(text).toMatch(from);
    writeFileSync(at.config, text.replace(from, to));
  };
  /** A turn that takes so many seconds, once the provider has been asked for it. */
  const slowTurn = async (seconds: number) => {
    await at.asked();
    const answer = at.inside(`claude -p "SCRIPT:slow:${seconds}"`);
    while (!(await at.asked()).some(({ raw }) => raw.includes(`SCRIPT:slow:${seconds}`))) await sleep(100);
    return answer;
  };

  it("a turn that streams while up replaces the router completes, and a client that asks meanwhile gets its answer", async () => {
    const { id } = await at.service("router");
    const streaming = { answer: slowTurn(14) };
    await sleep(4_000);
    change("stack:\n", "stack:\n  router: { pids: 777 }\n");
    const up = at.cli([...some, "--workspace", at.workspace]);
    await sleep(2_000);
    const meanwhile = at.inside('claude -p "SCRIPT:say:asked meanwhile"');
    expect(await streaming.answer).toMatchObject({ status: 0, stdout: whole });
    expect(await up).toMatchObject({ status: 0 });
    expect(await meanwhile).toMatchObject({ status: 0, stdout: "asked meanwhile\n" });
    expect((await at.service("router")).id).not.toBe(id);
  });

  it("reload changes the route of the router that runs: its container stays, and no key can be seen from outside", async () => {
    const before = await at.service("router");
    await at.inside('claude -p "SCRIPT:say:before"');
    expect((await at.asked()).at(-1)?.body.model).toBe("default-model");
    change("default-model", "reloaded-model");
    expect(await at.cli(["reload"])).toMatchObject({ status: 0, stdout: "router (stack): reloaded\n" });
    await at.inside('claude -p "SCRIPT:say:after"');
    expect((await at.asked()).at(-1)?.body.model).toBe("reloaded-model");
    expect((await at.service("router")).id).toBe(before.id);
    const inspected = JSON.stringify(await engine.docker.getContainer(before.id).inspect());
    expect(inspected).not.toContain(providerKey);
    const folder = join(at.stateDir, "secrets", "stack", "router");
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
  });

  it("a configuration with an error is refused before it reaches the router, and status says that it runs on", async () => {
    const text = readFileSync(at.config, "utf8");
    writeFileSync(at.config, `${text}\nroutes2: {}\n`);
    try {
      const refused = await at.cli(["reload"]);
      expect(refused.status).toBe(2);
      expect(refused.stderr).toContain('unknown key "routes2"');
      const status = await at.cli(["status"]);
      expect(status.stdout).toContain("router (stack): serving");
    } finally {
      writeFileSync(at.config, text);
    }
  });

  it("what rests is shown until it is cleared, and survives a restart of the router", async () => {
    const text = readFileSync(at.config, "utf8");
    change(
      /scripted: \{.*\}/,
      'scripted: { dialect: openai-chat, baseUrl: "http://provider:9/v1", keys: ["${SCRIPTED_KEY}"], failures: { tries: 1, breakAfter: 1, rest: { first: 30m, longest: 60m } } }',
    );
    try {
      expect(await at.cli(["reload"])).toMatchObject({ status: 0 });
      await at.inside("CLAUDE_CODE_MAX_RETRIES=0 claude -p 'SCRIPT:say:nobody answers'");
      const { id } = await at.service("router");
      expect((await at.cli(["status"])).stdout).toMatch(/scripted.*: resting for .*\(unreachable\)/);
      await engine.docker.getContainer(id).restart();
      while ((await at.service("router")).health !== "healthy") await sleep(200);
      expect((await at.cli(["status"])).stdout).toMatch(/scripted.*: resting for .*\(unreachable\)/);
      expect((await at.cli(["cooldown", "clear", "scripted"])).stdout).toMatch(
        /^router \(stack\): [1-9]\d* cleared\n$/,
      );
      expect((await at.cli(["status"])).stdout).not.toContain("resting");
    } finally {
      writeFileSync(at.config, text);
      expect(await at.cli(["reload"])).toMatchObject({ status: 0 });
    }
  });

  it("a fused shell follows its configuration by itself, while it runs", async () => {
    const ask =
      'curl -s -o /dev/null -D - $ANTHROPIC_BASE_URL/v1/messages -H "authorization: Bearer $ANTHROPIC_AUTH_TOKEN" ' +
      `-d '{"model": "claude-x", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}'`;
    const script = `${ask}; touch began; while [ ! -e changed ]; do sleep 0.2; done; ${ask}`;
    const text = readFileSync(at.config, "utf8");
    change(/default: "scripted,[a-z-]+"/, 'default: "demo,echo"');
    const shell = at.cli(["shell", "router", "--workspace", at.workspace, "--", script]);
    while (!existsSync(join(at.workspace, "began"))) await sleep(100);
    change('default: "demo,echo"', 'default: ["demo,other"]');
    const container = /(\S+fused-router\S*): serving/;
    const shown = async (): Promise<string> => (await at.cli(["status", "--json"])).stdout;
    expect((await at.cli(["status"])).stdout).toMatch(container);
    await sleep(5_000);
    expect(await shown()).toContain('"loadedAt"');
    writeFileSync(join(at.workspace, "changed"), "");
    const { stdout } = await shell;
    writeFileSync(at.config, text);
    expect(stdout).toContain("x-switchyard-target: demo,echo");
    expect(stdout).toContain("x-switchyard-target: demo,other");
  });
});
