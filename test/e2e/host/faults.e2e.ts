/** The real client on the host, while its provider fails: what it was told to do is done, each step once. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { startChaosProvider, type ChaosOptions, type ChaosProvider } from "../../chaos/support/provider.ts";
import type { ScriptedAnswer } from "../../support/provider/chat-stream.ts";
import { turnsOf, type Turn } from "../../support/provider/turns.ts";
import { project, type Finished, type Project } from "../support/project.ts";

const steps = 20;

let provider: ChaosProvider | undefined;
let own: Project | undefined;
afterEach(async () => {
  await provider?.close();
  own?.remove();
});

/** How often an answer was gone on with that had broken off. */
let resumed = 0;

/** The next step by the answers so far: it appends its number to a file. An answer that was begun is gone on with. */
const stepAfter = (body: Record<string, unknown>): ScriptedAnswer => {
  const turns = turnsOf(body);
  const last = turns.at(-1)!;
  if (last.role !== "assistant") return wholeStep(turns);
  resumed++;
  const { text = "", ...rest } = wholeStep(turns);
  const left = text.slice(last.text.length);
  return left === "" ? rest : { ...rest, text: left };
};

const wholeStep = (turns: readonly Turn[]): ScriptedAnswer => {
  const began = turns.findLastIndex(({ role, text }) => role === "user" && text.includes("TWENTY STEPS"));
  if (began === -1) return { text: "Nothing to do, and this is said in a few words." };
  const done = turns.slice(began + 1).filter(({ role }) => role === "tool").length;
  if (done >= steps) return { text: "All twenty steps are done, one after the other." };
  const command = `echo ${done + 1} >> ${join(own!.workspace, "steps.txt")}`;
  return {
    text: `Now comes step ${done + 1} of twenty, which is said in a few words.`,
    tools: [{ name: "Bash", id: `call_${done + 1}`, input: { command, description: "Notes a step" } }],
  };
};

/** @param server settings of the router; @param quirks of the provider */
const session = async (options: Partial<ChaosOptions>, server = "", quirks = ""): Promise<Finished> => {
  resumed = 0;
  provider = await startChaosProvider({
    name: "a",
    seed: 11,
    share: 0.3,
    ...options,
    answer: stepAfter,
  });
  own = project(`
server: { ${server} }
providers:
  a: { dialect: openai-chat, baseUrl: "${provider.url}/v1", keys: [sk-a-0123456789], timeouts: { firstByte: 2s, idle: 2s }, failures: { rest: { first: 200ms, longest: 1s } }, quirks: { ${quirks} } }
routes: { default: "a,m", background: "a,m", think: , longContext: , webSearch: }
`);
  const where = ["--runtime", "host", "--config", own.config, "--workspace", own.workspace];
  const prompt = ["claude", "-p", "TWENTY STEPS", "--dangerously-skip-permissions"];
  return own.switchyard(["shell", "router", ...where, "--", ...prompt], {
    env: { IS_SANDBOX: "1" },
    timeout: 170_000,
  });
};

const judge = ({ stdout, stderr, status }: Finished): void => {
  expect({ stdout, stderr, status }).toMatchObject({
    stdout: expect.stringContaining("All twenty steps are done, one after the other."),
    status: 0,
  });
  const written = readFileSync(join(own!.workspace, "steps.txt"), "utf8").trim().split("\n");
  expect(written).toEqual(Array.from({ length: steps }, (_, i) => String(i + 1)));
  const failed = provider!.calls.filter(({ sound }) => !sound).length;
  expect(failed / provider!.calls.length).toBeGreaterThan(0.15);
};

it("twenty tool turns through a provider that fails at 30 % of its calls before the first block is complete", async () => {
  judge(await session({ early: true }));
});

it("twenty tool turns through a provider that fails at 30 % of its calls anywhere, with resume", async () => {
  judge(await session({}, "resume: true", "prefix: plain"));
  expect(resumed).toBeGreaterThan(0);
});
