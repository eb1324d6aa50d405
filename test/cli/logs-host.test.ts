/** `switchyard logs` where no engine answers: the logs of shells on the host. */
import { spawn } from "node:child_process";
import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { finished, sandbox, type Sandbox, switchyard, until } from "../support/cli.ts";

let own: Sandbox;
let log: string;
beforeEach(() => {
  own = sandbox();
  mkdirSync(join(own.state, "logs"), { recursive: true });
  log = join(own.state, "logs/router.log");
});
afterEach(() => own.remove());

const line = (second: number, msg: string, more: object = {}): string =>
  `${JSON.stringify({ level: 30, time: `2026-01-02T03:04:${String(second).padStart(2, "0")}.000Z`, ...more, msg })}\n`;

/** What is shown after time and service. */
const messages = (stdout: string): string[] =>
  stdout
    .trimEnd()
    .split("\n")
    .map((each) => each.replace(/^(?:[\d-]+ )?[\d:.]+ host-\w+ +(?:INFO  )?/, ""));

describe("switchyard logs without an engine", () => {
  it("shows the host's log alone, the part that was moved aside first, and says why in one line", async () => {
    writeFileSync(`${log}.1`, line(1, "old"));
    writeFileSync(log, `${line(2, "new", { rule: "think" })}a word of the supervisor\n`);
    const { status, stdout, stderr } = await own.run(["logs"]);
    expect(status).toBe(0);
    expect(messages(stdout)).toEqual(["old", "new rule=think", "a word of the supervisor"]);
    expect(stderr).toMatch(/^switchyard: no Docker Engine answers: [^\n]*\n$/);
    expect(stdout).not.toContain("\u001B");
  });

  it("several logs are one, in order; -n counts all of them together; --service takes one out", async () => {
    writeFileSync(log, line(1, "r1") + line(4, "r4"));
    writeFileSync(join(own.state, "logs/litellm.log"), line(2, "l2") + line(3, "l3"));
    expect(messages((await own.run(["logs"])).stdout)).toEqual(["r1", "l2", "l3", "r4"]);
    expect(messages((await own.run(["logs", "-n", "2"])).stdout)).toEqual(["l3", "r4"]);
    expect(messages((await own.run(["logs", "-s", "host-litellm"])).stdout)).toEqual(["l2", "l3"]);
    expect((await own.run(["logs", "-n", "0"])).stdout).toBe("");
    expect(messages((await own.run(["logs", "--since", "2026-01-02T03:04:03Z"])).stdout)).toEqual([
      "l3",
      "r4",
    ]);
  });

  it("200 lines are shown where nothing is asked for, all where a time is", async () => {
    writeFileSync(log, Array.from({ length: 300 }, (_, i) => line(1, `m${i}`)).join(""));
    expect(messages((await own.run(["logs"])).stdout)).toEqual(
      Array.from({ length: 200 }, (_, i) => `m${i + 100}`),
    );
    expect(messages((await own.run(["logs", "--since", "2026-01-01"])).stdout)).toHaveLength(300);
  });

  it("a service that has no log is an error that names those that have", async () => {
    writeFileSync(log, line(1, "x"));
    const { status, stdout, stderr } = await own.run(["logs", "--service", "litelm"]);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/no log of the service 'litelm'\n {2}There are: host-router\.\n$/);
  });

  it("a key of the state folder is not shown, whoever printed it", async () => {
    mkdirSync(join(own.state, "secrets/stack"), { recursive: true });
    writeFileSync(
      join(own.state, "secrets/stack/router-keys.json"),
      '{"SWITCHYARD_CLIENT_KEY":"client-key-0123"}',
    );
    writeFileSync(log, `refused: client-key-0123\n${line(1, "m", { header: "Bearer client-key-0123" })}`);
    for (const args of [["logs"], ["logs", "--json"]]) {
      const { stdout } = await own.run(args);
      expect(stdout).not.toContain("client-key");
      expect(stdout.match(/\[redacted …0123\]/g)).toHaveLength(2);
    }
  });

  it("a reader that has enough, as head, ends it quietly", async () => {
    writeFileSync(log, Array.from({ length: 20_000 }, (_, i) => line(1, `m${i}`)).join(""));
    const command = `'${switchyard}' logs -n 20000 | head -n 1; echo "status \${PIPESTATUS[0]}"`;
    const ended = await finished(spawn("bash", ["-c", command], { env: own.env }));
    expect(ended.stdout).toMatch(/ m0\nstatus 0\n$/);
    expect(ended.stderr).toMatch(/^switchyard: no Docker Engine answers[^\n]*\n$/);
  });

  it("--follow goes on with what comes, through the file's being moved aside and new files, until Ctrl-C, and ends with 0", async () => {
    writeFileSync(log, line(1, "before"));
    const child = own.start(["logs", "--follow", "-n", "1"]);
    const all = finished(child);
    let seen = "";
    child.stdout?.on("data", (text: string) => (seen += text));
    const shown = (text: string): Promise<void> => until(() => seen.includes(text), `${text} in ${seen}`);
    await shown("before");
    appendFileSync(log, line(2, "appended").slice(0, 30));
    appendFileSync(log, line(2, "appended").slice(30));
    await shown("appended");
    appendFileSync(log, line(3, "last of the old"));
    renameSync(log, `${log}.1`);
    writeFileSync(log, line(4, "first of the new"));
    await shown("first of the new");
    writeFileSync(join(own.state, "logs/litellm.log"), line(5, "a second file"));
    await shown("a second file");
    child.kill("SIGINT");
    const { status, stdout } = await all;
    expect(status).toBe(0);
    expect(messages(stdout)).toEqual([
      "before",
      "appended",
      "last of the old",
      "first of the new",
      "a second file",
    ]);
  });

  it("--follow waits where nothing has run yet", async () => {
    rmSync(join(own.state, "logs"), { recursive: true });
    const child = own.start(["logs", "-f"]);
    const all = finished(child);
    let [out, said] = ["", ""];
    child.stdout?.on("data", (text: string) => (out += text));
    child.stderr?.on("data", (text: string) => (said += text));
    await until(() => said.includes("waiting"), "the word that it waits");
    mkdirSync(join(own.state, "logs"));
    writeFileSync(log, line(1, "here it is"));
    await until(() => out.includes("here it is"), "the first line");
    child.kill("SIGINT");
    expect((await all).status).toBe(0);
  });
});
