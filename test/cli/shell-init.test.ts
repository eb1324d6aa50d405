/** `switchyard shell-init`: what each shell makes of it, asked of the shell itself. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commands } from "../../src/cli/commands/index.ts";
import { sandbox, type Sandbox } from "../support/cli.ts";
import { debianProgram, describeNeeding } from "../support/needed.ts";

let own: Sandbox;
beforeAll(() => {
  own = sandbox();
});
afterAll(() => own.remove());

/** Each shell runs a script without its user's start files. */
const shells: Readonly<Record<string, readonly string[]>> = {
  bash: ["--noprofile", "--norc"],
  zsh: ["-f"],
  fish: ["--no-config"],
};

const printed = new Map<string, string>();

const init = async (shell: string, ...options: string[]): Promise<string> => {
  const key = [shell, ...options].join(" ");
  const known = printed.get(key);
  if (known !== undefined) return known;
  const { status, stdout } = await own.run(["shell-init", shell, ...options]);
  expect(status).toBe(0);
  const file = join(own.folder, `init-${printed.size}.${shell}`);
  writeFileSync(file, stdout);
  printed.set(key, file);
  return file;
};

const runIn = (shell: string, lines: readonly string[]): string => {
  const script = join(own.folder, `script.${shell}`);
  writeFileSync(script, `${lines.join("\n")}\n`);
  return execFileSync(shell, [...shells[shell]!, script], {
    env: own.env,
    cwd: own.workspace,
    encoding: "utf8",
  });
};

/** In place of the program: prints its words. */
const printer: Readonly<Record<string, string>> = {
  bash: `switchyard() { printf '%s|' "$@"; echo; }`,
  zsh: `switchyard() { printf '%s|' "$@"; echo; }`,
  fish: `function switchyard; printf '%s|' $argv; echo; end`,
};

/** Commands that complete a line and print what is offered, a word on each line. */
const completing: Readonly<Record<string, (line: string) => string[]>> = {
  bash: (line) => [
    `COMP_LINE='${line}'; COMP_POINT=\${#COMP_LINE}`,
    `_switchyard switchyard '' ''; printf '%s\\n' "\${COMPREPLY[@]}"`,
  ],
  fish: (line) => [`complete -C '${line}' | cut -f1`],
};

for (const shell of Object.keys(shells)) {
  describeNeeding(debianProgram(shell), `shell-init ${shell}`, () => {
    it("is taken by the shell without a word", async () => {
      expect(execFileSync(shell, ["-n", await init(shell)], { encoding: "utf8" })).toBe("");
      expect(runIn(shell, [`source ${await init(shell)}`])).toBe("");
    });

    it("cc and ct take their own options, and give everything else to the client as it is", async () => {
      const calls: [string, string][] = [
        [`cc --model glm -p 'a  b'`, "claude|--profile|glm|--|-p|a  b|"],
        ["cc", "claude|--|"],
        ["cc -p --model opus", "claude|--|-p|--model|opus|"],
        [
          "cc --model=openrouter,x-ai/grok-4.1-fast:free",
          "claude|--profile|openrouter,x-ai/grok-4.1-fast:free|--|",
        ],
        ["ct -l kimi -t glm -- --model opus", "team|-l|kimi|-t|glm|--|--model|opus|"],
        ["ct --model glm --in-process", "team|--model|glm|--in-process|--|"],
      ];
      const file = await init(shell);
      const out = runIn(shell, [`source ${file}`, printer[shell]!, ...calls.map(([call]) => call)]);
      expect(out.split("\n").slice(0, -1)).toEqual(calls.map(([, printed]) => printed));
    });

    it("takes other names for both, and says what cc hides where it is called so", async () => {
      const file = await init(shell, "--cc-name", "clc", "--ct-name", "clt");
      expect(runIn(shell, [`source ${file}`, printer[shell]!, "clc x", "clt"])).toBe(
        "claude|--|x|\nteam|--|\n",
      );
      expect((await own.run(["shell-init", shell])).stdout).toContain("the C compiler");
      expect((await own.run(["shell-init", shell, "--cc-name", "clc"])).stdout).not.toContain("compiler");
    });
  });
}

for (const [shell, complete] of Object.entries(completing)) {
  describeNeeding(debianProgram(shell), `completions of ${shell}`, () => {
    const offered = async (line: string): Promise<string[]> =>
      runIn(shell, [`source ${await init(shell)}`, ...complete(line)])
        .trim()
        .split("\n")
        .toSorted();

    it("know every command that the help shows", async () => {
      const shown = commands.filter(({ hidden }) => hidden !== true).map(({ name }) => name);
      expect(await offered("switchyard ")).toEqual(expect.arrayContaining(shown));
      expect(await offered("switchyard com")).toEqual(["compose"]);
    });

    it.each([
      ["switchyard keys re", ["revoke"]],
      ["switchyard claude --pro", ["--profile"]],
      ["switchyard --config x claude --runtime ", ["auto", "docker", "host"]],
      ["switchyard shell ", ["litellm", "router", "stack"]],
    ])("%s", async (line, words) => {
      expect(await offered(line)).toEqual(words);
    });

    it("offer profiles, and targets where one may stand, by their present names", async () => {
      expect(await offered("switchyard use ki")).toEqual(["kimi"]);
      expect(await offered("switchyard claude --profile de")).toEqual(
        expect.arrayContaining(["deepseek", "default", "demo,echo"]),
      );
      expect(await offered("switchyard team --leader ki")).toEqual(["kimi"]);
    });
  });
}

describe("shell-init powershell", () => {
  it("closes every quote and bracket that it opens", async () => {
    const { stdout } = await own.run(["shell-init", "powershell"]);
    const closing: Readonly<Record<string, string>> = { "(": ")", "{": "}", "[": "]" };
    for (const line of stdout.split("\n").filter((each) => !each.startsWith("#")))
      expect(line.replaceAll(/"(?:`.|[^"])*"/g, "").split("'").length % 2, line).toBe(1);
    const plain = stdout.replaceAll(/^#.*$/gm, "").replaceAll(/'[^'\n]*'|"(?:`.|[^"\n])*"/g, "");
    const open: string[] = [];
    for (const sign of plain.match(/[(){}[\]]/g) ?? []) {
      const needed = closing[sign];
      if (needed !== undefined) open.push(needed);
      else expect(open.pop()).toBe(sign);
    }
    expect(open).toEqual([]);
  });

  it("has every command, and registers one completer for all three names", async () => {
    const { stdout } = await own.run(["shell-init", "powershell", "--cc-name", "clc"]);
    for (const { name, hidden } of commands)
      if (hidden !== true) expect(stdout).toContain(`$global:SwitchyardWords['${name}'] = @(`);
    expect(stdout).toContain("-CommandName @('switchyard', 'clc', 'ct') ");
  });
});

describe("names that cannot be", () => {
  it.each([
    [["--cc-name", "a b"], "cannot be the name of a function"],
    [["--cc-name", "switchyard"], "cannot be the name of a function"],
    [["--cc-name", "if"], "cannot be the name of a function"],
    [["--ct-name", "printf"], "cannot be the name of a function"],
    [["--cc-name", "ct"], "both functions are called ct"],
  ])("%s", async (options, words) => {
    const { status, stdout, stderr } = await own.run(["shell-init", "bash", ...options]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(words);
  });
});
