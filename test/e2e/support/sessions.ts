/** What must hold for the real client in a fused shell, whichever the runtime: written once, run for each. */
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { RecordedRequest } from "../../support/provider/server.ts";
import { carriedCalls } from "./carried-calls.ts";
import type { Finished } from "./project.ts";

export interface Runtime {
  project: { readonly workspace: string };
  /** The workspace as the client sees it. */
  folder: string;
  /** Runs `claude -p …` in the fused shell, with `input` on its stdin. */
  claude(args: string[], input?: string): Promise<Finished>;
  /** Runs a script in the fused shell's bash. */
  bash(script: string): Promise<Finished>;
  /** What the scripted provider was asked since `mark`. */
  asked(): Promise<RecordedRequest[]>;
}

/** Routes that tell by the model's name which rule decided. @param url of the scripted provider, as the router reaches it */
export const telltaleConfig = (url: string): string => `
providers:
  scripted: { dialect: openai-chat, baseUrl: "${url}/v1", keys: ["\${SCRIPTED_KEY}"] }
routes:
  default: "scripted,default-model"
  background: "scripted,background-model"
  think: "scripted,think-model"
  webSearch: "scripted,search-model"
  longContext: { use: "scripted,long-model", threshold: 60000 }
`;

/**
 * Scenarios that hold behind a gateway that goes by the model's name alone, as LiteLLM does. Parallel calls are not among them:
 * LiteLLM 1.102.4 mixes the arguments of calls whose pieces come by turns.
 */
export const byNameAlone = [
  "the client reads a file, runs a command, edits the file, one after the other, and the file is changed here",
  "a plain message goes to default",
  "a haiku subagent goes to background, its parent to default",
  "--model provider,model goes there",
  "the provider gets its key, and the client does not see it",
] as const;

const skip = ["--dangerously-skip-permissions"];
const models = (requests: RecordedRequest[]): string[] =>
  requests.map((request) => String(request.body.model));

/** The client changes a file and makes one. @param script how the provider asks for it */
const editing = async (r: Runtime, script: string): Promise<void> => {
  const notes = join(r.project.workspace, "notes.txt");
  const made = join(r.project.workspace, "made-by-bash.txt");
  writeFileSync(notes, "first\nold line\nlast\n");
  rmSync(made, { force: true });
  const result = await r.claude(["-p", `SCRIPT:${script}:${r.folder}`, ...skip]);
  expect(result.stdout).toBe("The file is edited.\n");
  expect(result.status).toBe(0);
  expect(readFileSync(notes, "utf8")).toBe("first\nnew line – ✓\nlast\n");
  expect(readFileSync(made, "utf8")).toBe("grüße ✓");
  expect(statSync(made).uid).toBe(statSync(r.project.workspace).uid);
  expect(statSync(notes).uid).toBe(statSync(r.project.workspace).uid);
  const last = (await r.asked()).at(-1)!;
  const results = carriedCalls(last.body).map((call) => call.result);
  expect(results).toEqual([expect.any(String), expect.any(String), expect.any(String)]);
};

export const scenarios: Record<string, (runtime: Runtime) => Promise<void>> = {
  "the client reads a file, runs a command in parallel, edits the file, and the file is changed here": (r) =>
    editing(r, "work"),

  "the client reads a file, runs a command, edits the file, one after the other, and the file is changed here":
    (r) => editing(r, "steps"),

  "a plain message goes to default": async (r) => {
    expect((await r.claude(["-p", "SCRIPT:say"])).stdout).toBe("Hello from the script.\n");
    expect(models(await r.asked())).toEqual(["default-model"]);
  },

  "thinking on purpose goes to think, and its reasoning does not leak into the answer": async (r) => {
    expect((await r.claude(["-p", "SCRIPT:think", "--effort", "high"])).stdout).toBe("Thought about it.\n");
    expect(models(await r.asked())).toEqual(["think-model"]);
  },

  "a request of 70,000 tokens goes to longContext": async (r) => {
    const long = Array.from({ length: 7000 }, (_, i) => `line ${i}: the quick brown fox jumps`).join("\n");
    // On stdin: the kernel takes no argument of this length.
    expect((await r.claude(["-p", "SCRIPT:say"], long)).stdout).toBe("Hello from the script.\n");
    expect(models(await r.asked())).toEqual(["long-model"]);
  },

  "a haiku subagent goes to background, its parent to default": async (r) => {
    const result = await r.claude(["-p", "SCRIPT:subagent:SCRIPT:say:sub says", ...skip]);
    expect(result.stdout).toBe("The subagent is back.\n");
    expect(models(await r.asked())).toEqual(["default-model", "background-model", "default-model"]);
  },

  "a tagged subagent goes to its target, and the tag is not sent": async (r) => {
    const result = await r.claude(["-p", "SCRIPT:tagged:scripted,tagged-model", ...skip]);
    expect(result.stdout).toBe("The tagged subagent is back.\n");
    const requests = await r.asked();
    expect(models(requests)).toEqual(["default-model", "tagged-model", "default-model"]);
    expect(requests[1]!.raw).not.toContain("CCR-SUBAGENT-MODEL");
  },

  "a web search goes to webSearch": async (r) => {
    await r.claude(["-p", "SCRIPT:search", ...skip]);
    expect(models(await r.asked())).toEqual(["default-model", "search-model", "default-model"]);
  },

  "--model provider,model goes there": async (r) => {
    expect((await r.claude(["-p", "SCRIPT:say", "--model", "scripted,chosen-model"])).stdout).toBe(
      "Hello from the script.\n",
    );
    expect(models(await r.asked())).toEqual(["chosen-model"]);
  },

  "a request without a stream, by another program of the shell, is answered whole": async (r) => {
    const body = {
      model: "claude-haiku-4-5",
      max_tokens: 9,
      messages: [{ role: "user", content: "SCRIPT:say" }],
    };
    const result = await r.bash(
      `curl -s -i "$ANTHROPIC_BASE_URL/v1/messages" -H "authorization: Bearer $ANTHROPIC_AUTH_TOKEN"` +
        ` -H "content-type: application/json" -d '${JSON.stringify(body)}'`,
    );
    const [head, answer] = result.stdout.split("\r\n\r\n");
    expect(JSON.parse(answer ?? "")).toMatchObject({
      type: "message",
      content: [{ type: "text", text: "Hello from the script." }],
      stop_reason: "end_turn",
    });
    expect(head).toMatch(/x-switchyard-rule: background/i);
    expect(models(await r.asked())).toEqual(["background-model"]);
    expect((await r.asked())[0]!.body.stream).not.toBe(true);
  },

  "the provider gets its key, and the client does not see it": async (r) => {
    await r.claude(["-p", "SCRIPT:say"]);
    const [request] = await r.asked();
    expect(request!.headers.authorization).toBe("Bearer sk-scripted-0123456789");
  },
};
