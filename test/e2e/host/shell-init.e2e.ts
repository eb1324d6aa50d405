/** Completions as a person meets them, who presses Tab before a real shell. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import { type Project, project } from "../support/project.ts";
import { openTerminal } from "../support/tmux.ts";

let own: Project;
beforeAll(() => {
  own = project("");
});
afterAll(() => own.remove());

const has = (program: string): boolean =>
  execFileSync("sh", ["-c", `command -v ${program} || true`], { encoding: "utf8" }) !== "";

const shells = { bash: "bash --noprofile --norc", zsh: "zsh -f", fish: "fish --no-config" } as const;

describe.each(Object.keys(shells) as (keyof typeof shells)[])("Tab in %s", (shell) => {
  it.runIf(has(shell))("completes a command, an option and the name of a profile", async () => {
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
});
