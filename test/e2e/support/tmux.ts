/** A terminal with a person before it: tmux with a server of its own. */
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

export interface Terminal {
  /** Types a line and presses Enter. */
  line(text: string): Promise<void>;
  /** Presses a key, by tmux's name for it. */
  key(name: string): void;
  /** What is on the screen. */
  screen(): string;
  /** Waits until the screen shows `text`; fails with the screen after `patience` milliseconds. */
  shows(text: string | RegExp, patience?: number): Promise<void>;
  /** Ends the server and whatever runs in it. */
  close(): void;
}

/** Opens a terminal of 120 by 40 that runs a command line of a shell. */
export const openTerminal = (
  command: string,
  options: { readonly env: Readonly<Record<string, string>>; readonly cwd: string },
): Terminal => {
  const socket = `switchyard-${randomUUID()}`;
  const tmux = (...args: string[]): string =>
    execFileSync("tmux", ["-L", socket, "-f", "/dev/null", ...args], {
      encoding: "utf8",
      env: { ...options.env, TERM: "xterm-256color" },
      cwd: options.cwd,
    });
  tmux("new-session", "-d", "-s", "test", "-x", "120", "-y", "40", command);
  const screen = (): string => tmux("capture-pane", "-p", "-t", "test");
  const key = (name: string): void => void tmux("send-keys", "-t", "test", "--", name);
  return {
    line: async (text) => {
      tmux("send-keys", "-t", "test", "-l", text);
      // A client that takes a paste for one piece would take the Enter for a part of it.
      await sleep(300);
      key("Enter");
    },
    key,
    screen,
    shows: async (text, patience = 60_000) => {
      const deadline = Date.now() + patience;
      for (;;) {
        const now = screen();
        if (typeof text === "string" ? now.includes(text) : text.test(now)) return;
        if (Date.now() > deadline) throw new Error(`the screen does not show ${String(text)}:\n${now}`);
        await sleep(50);
      }
    },
    close: () => {
      try {
        tmux("kill-server");
      } catch {
        // It ends by itself with the last command that runs in it.
      }
    },
  };
};
