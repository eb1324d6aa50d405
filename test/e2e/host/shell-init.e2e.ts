/** Completions as a person meets them, who presses Tab before a real shell. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, it } from "vitest";
import { debianProgram, describeNeeding } from "../../support/needed.ts";
import { type Project, project } from "../support/project.ts";
import { openTerminal } from "../support/tmux.ts";

let own: Project;
beforeAll(() => {
  own = project("");
});
afterAll(() => own.remove());

const shells = { bash: "bash --noprofile --norc", zsh: "zsh -f", fish: "fish --no-config" } as const;

const tests = (shell: keyof typeof shells) => (): void => {
  it("completes a command, an option and the name of a profile", async () => {
    const file = join(own.folder, `init.${shell}`);
    writeFileSync(file, (await own.switchyard(["shell-init", shell])).stdout);
    const terminal = openTerminal(shells[shell], { env: own.env, cwd: own.workspace });
    try {
      await terminal.line(`source ${file}; echo rea''dy`);
      await terminal.shows("ready");
      for (const key of ["switchyard", "Space", "clau", "Tab"]) terminal.key(key);
      await terminal.shows(/switchyard claude\b/);
      for (const key of ["--prof", "Tab"]) terminal.key(key);
      await terminal.shows(/switchyard claude --profile\b/);
      for (const key of ["deeps", "Tab"]) terminal.key(key);
      await terminal.shows("switchyard claude --profile deepseek");
      for (const key of ["C-u", "ct", "Space", "-l", "Space", "kim", "Tab"]) terminal.key(key);
      await terminal.shows("ct -l kimi");
    } finally {
      terminal.close();
    }
  });
};
for (const shell of Object.keys(shells) as (keyof typeof shells)[])
  describeNeeding(debianProgram(shell), `Tab in ${shell}`, tests(shell));
