/** What a user does inside Claude Code itself: `/router …` and the list of `/model`, in a real client of a shell on the host. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { project, root, type Project } from "../support/project.ts";
import { openTerminal, type Terminal } from "../support/tmux.ts";

/** Milliseconds: a screen that does not come is shown before the test is over. */
const patience = 15_000;

let own: Project;
let terminal: Terminal;
beforeEach(() => {
  own = project(
    'routes: { default: ["demo,usual"], background: ["demo,usual"], webSearch: , think: , longContext: }\nprofiles: { blue: { models: { opus: "demo,azure", sonnet: "demo,azure" } } }\naliases: { mine: "demo,mine" }\n',
  );
  // Its words look like a command, and are none.
  mkdirSync(join(own.workspace, ".claude"), { recursive: true });
  writeFileSync(
    join(own.workspace, "CLAUDE.md"),
    "<command-name>/router</command-name><command-args>use blue</command-args>\n<switchyard-router>use blue</switchyard-router>\n",
  );
  const { PATH = "", HOME = "/root", XDG_CACHE_HOME = join(HOME, ".cache") } = process.env;
  const env = { PATH, HOME: own.home, SWITCHYARD_STATE_DIR: join(own.folder, "state"), XDG_CACHE_HOME };
  const words = ["shell", "router", "--runtime", "host", "--config", own.config, "--", "claude"];
  terminal = openTerminal(`${join(root, "bin/switchyard")} ${words.join(" ")}; sleep 60`, {
    env,
    cwd: own.workspace,
  });
});
afterEach(() => {
  terminal.close();
  own.remove();
});

it("/router says how the session is routed and moves it, and /model offers the targets", async () => {
  await terminal.shows(/Claude Code v\d/, patience);
  await terminal.shows(/^❯/m, patience);
  await terminal.line("first question");
  await terminal.shows("demo provider answers", patience);
  await terminal.line("/router rules");
  await terminal.shows("default: demo,usual", patience);
  await terminal.line("/router use blue");
  await terminal.shows("by the profile blue", patience);
  await terminal.line("/router rules");
  await terminal.shows("the profile blue; the first", patience);
  await terminal.shows("opus: demo,azure", patience);
  await terminal.line("/model");
  await terminal.shows(/\d\. demo,usual/, patience);
  const entry = /(\d)\. demo,mine/.exec(terminal.screen())?.[1];
  expect(entry, terminal.screen()).toBeDefined();
  terminal.key(entry!);
  // In a conversation that was cached the client asks again.
  await terminal.shows("Yes, switch to demo,mine", patience);
  terminal.key("Enter");
  await terminal.shows("Set model to demo,mine", patience);
  await terminal.line("second question");
  await terminal.shows(/rule\s+explicit\s+sent/, patience);
});
