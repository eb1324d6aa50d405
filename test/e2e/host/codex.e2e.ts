/** The real Codex CLI from npm, on a strict provider of every dialect: commands of its shell, and their results taken back. */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeAfterEach } from "../../support/open.ts";
import type { ScriptedAnswer } from "../../support/provider/chat-stream.ts";
import type { Script } from "../../support/provider/server.ts";
import { turnsOf } from "../../support/provider/turns.ts";
import { kinds, strictRouter } from "../../support/sdk.ts";

const version = "0.169.0";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "switchyard-codex-"));
  writeFileSync(join(folder, "package.json"), "{}");
  execFileSync("npm", ["install", "--no-audit", "--no-fund", `@openai/codex@${version}`], {
    cwd: folder,
    stdio: "ignore",
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
closeAfterEach();

const awkward = `grüße "✓" \\n 漢字 👩‍🚀\ttab\nlast line\n`;

const exec = (cmd: string): { name: string; input: { cmd: string } } => ({
  name: "exec_command",
  input: { cmd },
});

/** Two calls at once, then a command that fails, then words. */
const steps: ScriptedAnswer[] = [
  {
    reasoning: "A file is wanted.",
    text: "I write it.",
    tools: [exec(`printf '%s' '${awkward}' > made.txt; echo first-''output`), exec("echo second-''output")],
  },
  { reasoning: "Now one that fails.", tools: [exec("echo third-''output >&2; exit 3")] },
  { text: "The file is written ✓." },
];

const writesFile: Script = ({ body }) => {
  const serial = turnsOf(body).filter(({ role }) => role === "assistant").length;
  return { ...steps[Math.min(serial, steps.length - 1)]!, serial };
};

interface Finished {
  status: number | null;
  events: { type: string; item?: { type: string; text?: string; exit_code?: number } }[];
  stderr: string;
}

const codex = async (baseUrl: string, workspace: string): Promise<Finished> => {
  const home = mkdtempSync(join(folder, "home-"));
  writeFileSync(
    join(home, "config.toml"),
    [
      'model = "gpt-5.5"',
      'model_provider = "switchyard"',
      "[model_providers.switchyard]",
      'name = "Switchyard"',
      `base_url = "${baseUrl}/v1"`,
      'wire_api = "responses"',
      'env_key = "SWITCHYARD_KEY"',
      "request_max_retries = 0",
      "stream_max_retries = 0",
    ].join("\n"),
  );
  const child = spawn(
    join(folder, "node_modules/.bin/codex"),
    [
      "exec",
      "--skip-git-repo-check",
      "--dangerously-bypass-approvals-and-sandbox",
      "--json",
      "write the file",
    ],
    {
      cwd: workspace,
      env: {
        PATH: process.env["PATH"],
        HOME: home,
        CODEX_HOME: home,
        SWITCHYARD_KEY: "router-key-0123456789",
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
  const events = stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Finished["events"][number]);
  return { status, events, stderr };
};

describe("the Codex CLI", () => {
  it.each(kinds)("runs commands and goes on, on a strict provider that speaks %s", async (kind) => {
    const { up, r } = await strictRouter(
      kind,
      writesFile,
      'server: { clientKeys: ["router-key-0123456789"] }',
    );
    const workspace = join(folder, kind);
    mkdirSync(workspace);
    const { status, events, stderr } = await codex(r.url, workspace);
    expect(status, stderr + JSON.stringify(events)).toBe(0);
    expect(readFileSync(join(workspace, "made.txt"), "utf8")).toBe(awkward);
    const items = events.filter((event) => event.type === "item.completed").map((event) => event.item);
    expect(items.map((item) => item?.type)).toEqual([
      "reasoning",
      "agent_message",
      "command_execution",
      "command_execution",
      "reasoning",
      "command_execution",
      "agent_message",
    ]);
    expect(items.at(-1)?.text).toBe("The file is written ✓.");
    const codes = items.filter((item) => item?.type === "command_execution").map((item) => item?.exit_code);
    expect(codes).toEqual([0, 0, 3]);
    const last = up.requests.at(-1)!.raw;
    for (const output of ["first-output", "second-output", "third-output"]) expect(last).toContain(output);
    expect(JSON.stringify(up.requests)).not.toContain("router-key-0123456789");
  });
});
