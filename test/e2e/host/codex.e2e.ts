/** The real Codex CLI from npm, on every upstream dialect: a turn with a command of its shell, and its result taken back. */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeAfterEach } from "../../support/open.ts";
import { entry, provider, router } from "../../support/openai-router.ts";
import type { Script } from "../../support/provider/server.ts";

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

/** Answers with a call of the shell until its output is there. */
const writesFile: Script = (request) =>
  request.raw.includes("output-of-the-command")
    ? { text: "The file is written ✓." }
    : {
        reasoning: "A file is wanted.",
        text: "I write it.",
        tools: [
          {
            name: "exec_command",
            input: { cmd: "printf 'grüße ✓' > made.txt; echo output-of-the-''command" },
          },
        ],
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
  it.each(["anthropic", "chat", "responses", "gemini"] as const)(
    "runs a command and goes on, on a provider that speaks %s",
    async (kind) => {
      const up = await provider(writesFile);
      const r = await router(
        'server: { clientKeys: ["router-key-0123456789"] }',
        "providers:",
        entry[kind]("up", up.url),
        'routes: { default: "up,claude-opus-5-5" }',
      );
      const workspace = join(folder, kind);
      mkdirSync(workspace);
      const { status, events, stderr } = await codex(r.url, workspace);
      expect(status, stderr).toBe(0);
      expect(readFileSync(join(workspace, "made.txt"), "utf8")).toBe("grüße ✓");
      const items = events.filter((event) => event.type === "item.completed").map((event) => event.item);
      expect(items.map((item) => item?.type)).toEqual([
        "reasoning",
        "agent_message",
        "command_execution",
        "agent_message",
      ]);
      expect(items.at(-1)?.text).toBe("The file is written ✓.");
      expect(items.map((item) => item?.exit_code)).toContain(0);
      expect(JSON.stringify(up.requests)).not.toContain("router-key-0123456789");
    },
  );
});
