/** The real client on the host while its router is killed: the supervisor starts it anew, and no step is lost or done twice. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { ScriptedAnswer } from "../../support/provider/chat-stream.ts";
import { startProvider, type RecordedRequest, type ScriptedProvider } from "../../support/provider/server.ts";
import { turnsOf } from "../../support/provider/turns.ts";
import { project, type Finished, type Project } from "../support/project.ts";

const steps = 8;

let provider: ScriptedProvider | undefined;
let own: Project | undefined;
afterEach(async () => {
  await provider?.close();
  own?.remove();
});

/** The router of this test's own project, by the folder in its arguments. */
const killRouter = (): void => {
  const listed = execFileSync("ps", ["-eo", "pid,args"], { encoding: "utf8" }).split("\n");
  const routers = listed.filter((line) => line.includes(own!.folder) && / router --host /.test(line));
  expect(routers).toHaveLength(1);
  process.kill(Number(routers[0]!.trim().split(" ")[0]), "SIGKILL");
};

const stepOf = ({ body }: RecordedRequest): number | undefined => {
  const turns = turnsOf(body);
  const began = turns.findLastIndex(({ role, text }) => role === "user" && text.includes("EIGHT STEPS"));
  return began === -1
    ? undefined
    : turns.slice(began + 1).filter(({ role }) => role === "assistant").length + 1;
};

const answerTo = (step: number | undefined, more: ScriptedAnswer): ScriptedAnswer => {
  if (step === undefined) return { text: "Nothing to do." };
  if (step > steps) return { text: "All eight steps are done.", ...more };
  const command = `echo ${step} >> ${join(own!.workspace, "steps.txt")}`;
  return {
    tools: [{ name: "Bash", id: `call_${step}`, input: { command, description: "Notes a step" } }],
    serial: step,
    ...more,
  };
};

/** @param kills what happens at the given step's first request, and what is said there beside the call */
const session = async (
  kills: Readonly<Record<number, () => ScriptedAnswer>>,
  timeout = 45_000,
): Promise<Finished> => {
  const due = new Map(Object.entries(kills).map(([step, kill]) => [Number(step), kill]));
  provider = await startProvider((request) => {
    const step = stepOf(request);
    const kill = due.get(step ?? 0);
    due.delete(step ?? 0);
    return answerTo(step, kill?.() ?? {});
  });
  own = project(`
providers:
  a: { dialect: anthropic, baseUrl: "${provider.url}", keys: [sk-a-0123456789] }
routes: { default: "a,m", background: "a,m", think: , longContext: , webSearch: }
`);
  const where = ["--runtime", "host", "--config", own.config, "--workspace", own.workspace];
  const prompt = ["claude", "-p", "EIGHT STEPS", "--dangerously-skip-permissions"];
  return own.switchyard(["shell", "router", ...where, "--", ...prompt], {
    env: { IS_SANDBOX: "1" },
    timeout,
  });
};

const written = (): string[] => readFileSync(join(own!.workspace, "steps.txt"), "utf8").trim().split("\n");

describe("kill -9 of the router under the real client", () => {
  it("before anything of an answer was shown, twice: the session goes on and every step is done once", async () => {
    const kill = (): ScriptedAnswer => {
      killRouter();
      return {};
    };
    const { stdout, stderr, status } = await session({ 3: kill, 6: kill });
    expect({ stdout, stderr, status }).toMatchObject({ stdout: "All eight steps are done.\n", status: 0 });
    expect(written()).toEqual(["1", "2", "3", "4", "5", "6", "7", "8"]);
  });

  it("in the middle of its first block: the session goes on and every step is done once", async () => {
    const kill = (): ScriptedAnswer => {
      setTimeout(killRouter, 1000);
      // The call behind it is a small part of the answer: the middle of all is the middle of this.
      return { text: "This takes its time to be said, word by word. ".repeat(60), over: 3000 };
    };
    const { stdout, stderr, status } = await session({ 4: kill });
    expect({ stdout, stderr, status }).toMatchObject({ stdout: "All eight steps are done.\n", status: 0 });
    expect(written()).toEqual(["1", "2", "3", "4", "5", "6", "7", "8"]);
  });

  it("after a completed call: it is carried out once, what was cut behind it is asked for again, and the session goes on", async () => {
    const kill = (): ScriptedAnswer => {
      setTimeout(killRouter, 1800);
      const bash = (id: string, command: string) => ({
        name: "Bash",
        id,
        input: { command, description: "Notes a step" },
      });
      const file = join(own!.workspace, "steps.txt");
      const tools = [bash("call_4", `echo 4 >> ${file}`), bash("call_long", "true ".repeat(2000))];
      return { tools, over: 2500, serial: 400 };
    };
    const { stdout, stderr, status } = await session({ 4: kill });
    expect({ stdout, stderr, status }).toMatchObject({ stdout: "All eight steps are done.\n", status: 0 });
    expect(written()).toEqual(["1", "2", "3", "4", "5", "6", "7", "8"]);
  });

  it("in the last words, behind completed thinking: they are asked for again and said once", async () => {
    const kill = (): ScriptedAnswer => {
      setTimeout(killRouter, 1800);
      const text = "These are the last words, and many of them. ".repeat(100);
      return { reasoning: "It is thought over.", text, over: 2500, serial: 900 };
    };
    const { stdout, stderr, status } = await session({ 9: kill });
    expect({ stdout, stderr, status }).toMatchObject({ stdout: "All eight steps are done.\n", status: 0 });
    expect(stderr).toContain("it is started again");
    expect(written()).toEqual(["1", "2", "3", "4", "5", "6", "7", "8"]);
  });
});
