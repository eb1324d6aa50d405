/** What a person sees below the prompt of the real client, from the first turn to the next shell. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { root, type Project } from "./project.ts";
import { openTerminal, type Terminal } from "./tmux.ts";

/** @param name of the compose project: no other test's containers are joined */
export const pricedConfig = (name: string): string => `
routes: { default: ["demo,echo"], background: ["demo,echo"] }
models: { "demo,echo": { price: { input: 3000, output: 3000 } } }
budgets: [{ limit: 5, per: day }]
stack: { project: "${name}" }
`;

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const seen = /demo,echo \(default\) · \$(\d+\.\d+) · 0% cached · \$(\d\.\d\d) of \$5 left today/;

/** What the line says: the session's cost, what is left of the budget. */
const figures = (terminal: Terminal): { cost: number; left: number } => {
  const [, cost, left] = seen.exec(terminal.screen())!;
  return { cost: Number(cost), left: Number(left) };
};

/** Runs the day; `runtime` is that of `switchyard shell`. */
export const statusLineDay = async (own: Project, runtime: "docker" | "host"): Promise<void> => {
  let current: Terminal | undefined;
  const claude = (...args: string[]): Terminal => {
    const command = [join(root, "bin/switchyard"), "shell", "router", "--runtime", runtime];
    const at = ["--config", own.config, "--workspace", own.workspace];
    const words = [...command, ...at, "--", "claude", ...args].map(quoted);
    current?.close();
    // Why it did not start is to be seen on the screen.
    current = openTerminal(`${words.join(" ")} || sleep 600`, { env: own.env, cwd: own.workspace });
    return current;
  };
  const left = (terminal: Terminal, after: number): Promise<void> =>
    expect
      .poll(() => seen.test(terminal.screen()) && figures(terminal).left, { timeout: 30_000 })
      .toBe(after);
  try {
    const first = claude();
    await first.shows("Switchyard · no turn yet · $5 of $5 left today", 120_000);
    await first.line("one");
    await first.shows('You said: "one"');
    await first.shows(seen);
    const one = figures(first);
    expect(one.cost + one.left).toBeCloseTo(5, 1);
    await first.line("two");
    await first.shows('You said: "two"');
    await expect.poll(() => figures(first).cost, { timeout: 30_000 }).toBeGreaterThan(one.cost);
    const two = figures(first);

    // The session is taken up in another shell, with another router, another key.
    const next = claude("--continue");
    await next.shows(seen, 120_000);
    await left(next, two.left);
    expect(figures(next).cost).toBe(two.cost);

    // A line of the project's own stays.
    mkdirSync(join(own.workspace, ".claude"));
    const statusLine = { type: "command", command: "echo a line of my own" };
    writeFileSync(join(own.workspace, ".claude/settings.json"), JSON.stringify({ statusLine }));
    const third = claude();
    await third.shows("a line of my own", 120_000);
    expect(third.screen()).not.toContain("left today");
  } finally {
    current?.close();
  }
};
