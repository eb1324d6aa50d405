/** What the turns of fused shells cost outlives their containers, and is closed to whoever works in them. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { UsageAnswer } from "../../../src/shared/usage.ts";
import { labels } from "../../../src/shared/container-layout.ts";
import { checkoutRoot } from "../../../src/shared/paths.ts";
import { run } from "../support/project.ts";
import { describeWithEngine } from "./engine.ts";
import { type Finished, type Fixture, fixture } from "./fixture.ts";

/** A turn as Claude Code sends one, in a session of that name. */
const turn = (session: string): string =>
  `curl -fsS "$ANTHROPIC_BASE_URL/v1/messages" -H "authorization: Bearer $ANTHROPIC_AUTH_TOKEN" -H 'content-type: application/json' -H 'x-claude-code-session-id: ${session}' -d '{"model":"claude-sonnet-4-5","max_tokens":50,"messages":[{"role":"user","content":"hi"}]}' -o /dev/null && echo answered`;

describeWithEngine("the ledger of fused shells", (engine) => {
  let at: Fixture;
  /** Of the CLI: the same project. */
  const config = (): string => join(at.folder, "cli.yaml");
  beforeAll(() => {
    at = fixture(engine, 1234);
    writeFileSync(config(), `stack: { project: ${at.project} }\n`);
  });
  afterAll(() => at.remove());

  const switchyard = (args: string[]): Promise<Finished> =>
    run(join(checkoutRoot(), "bin/switchyard"), args, {
      cwd: at.folder,
      env: {
        ...(process.env as Record<string, string>),
        SWITCHYARD_STATE_DIR: at.stateDir,
      },
    });
  const sessions = async (): Promise<Record<string, number>> => {
    const { stdout, stderr } = await switchyard(["usage", "--by", "session", "--json", "--config", config()]);
    if (stdout === "") throw new Error(stderr);
    const { rows } = JSON.parse(stdout) as UsageAnswer;
    return Object.fromEntries(rows.map(({ name, turns }) => [name ?? "(none)", turns]));
  };

  it("a turn of an earlier shell is in the usage of a later one", async () => {
    expect((await at.bash(turn("first"))).stdout).toBe("answered\n");
    await at.stopped();
    const shell = at.start(["bash", "-c", `${turn("second")}; read line`]);
    await shell.printed("answered");
    expect(await sessions()).toEqual({ first: 1, second: 1 });
    shell.child.stdin?.end("\n");
    await shell.finished;
    await at.stopped();
  });

  it("usage tells of shells that are closed, of every workspace", async () => {
    expect(await sessions()).toEqual({ first: 1, second: 1 });
  });

  it("the client's user can neither read the volume nor change it", async () => {
    const { stdout } = await at.bash(
      "id -u; stat -c '%u %a' /state; ls /state; cat /state/machine-secret; touch /state/mine; echo tried",
    );
    expect(stdout).toBe("1234\n64990 700\ntried\n");
  });

  it("a token that was made while no shell was open opens the dashboard of the next one", async () => {
    await at.stopped();
    const made = await switchyard(["admin", "token", "--config", config()]);
    const token = made.stdout.trim();
    const asked = await at.bash(
      'read -r token; for each in "$token" swa-of-nobody; do curl -s -o /dev/null -w \'%{http_code}\\n\' -H "x-switchyard-admin: $each" "$ANTHROPIC_BASE_URL/api/budgets"; done',
      `${token}\n`,
    );
    expect(asked.stdout).toBe("200\n401\n");
  });

  it("every volume of it bears the project's mark, by which `switchyard clean` removes it", async () => {
    const { Volumes } = await engine.docker.listVolumes({
      filters: { label: [`${labels.project}=${at.project}`] },
    });
    expect(Volumes.map(({ Name }) => Name.replace(/^.*_/, "")).toSorted()).toEqual(["client", "router"]);
  });
});
