/** A team of the real client before a person at a terminal: the provider has the leader spawn a teammate, who works in turns of its own. */
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { RecordedRequest, Script, ScriptedProvider } from "../../support/provider/server.ts";
import { askedOf, scriptedKey } from "./on-profiles.ts";
import { type Project, root } from "./project.ts";
import { openTerminal, type Terminal } from "./tmux.ts";

type Role = "leader" | "teammate" | "neither";

/** By the conversation alone: the provider does not know how it was reached. */
const roleOf = ({ raw }: RecordedRequest): Role => {
  if (raw.includes("LEAD-THE-TEAM")) return "leader";
  return raw.includes("WORK-AS-TEAMMATE") ? "teammate" : "neither";
};

/** @param folder the workspace, as the client sees it */
export const teamScript =
  (folder: string): Script =>
  (request) => {
    const { raw } = request;
    switch (roleOf(request)) {
      case "leader":
        if (!raw.includes("WORK-AS-TEAMMATE")) {
          const prompt = "WORK-AS-TEAMMATE: read the notes and report";
          const input = {
            description: "reads notes",
            name: "reader",
            subagent_type: "general-purpose",
            prompt,
          };
          return { tools: [{ name: "Agent", input }] };
        }
        return { text: raw.includes("idle_notification") ? "The leader is done." : "The leader waits." };
      case "teammate":
        return raw.includes("a line for the teammate")
          ? { text: "The teammate has read it." }
          : { tools: [{ name: "Read", input: { file_path: `${folder}/notes.txt` } }] };
      default:
        return { text: "Nothing scripted." };
    }
  };

export interface TeamRun {
  readonly own: Project;
  readonly provider: ScriptedProvider;
  /** `team` with its options. */
  readonly options: readonly string[];
}

const rolesAsked = (provider: ScriptedProvider, since: number, role: Role): RecordedRequest[] =>
  provider.requests
    .slice(since)
    .filter((each) => roleOf(each) === role && !each.url.includes("count_tokens"));

const quote = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** Leaves the client, whatever it asks. */
const leave = async (terminal: Terminal): Promise<void> => {
  await terminal.line("/exit");
  await terminal.shows(/ended:\d|Exit and stop/);
  if (!/ended:\d/.test(terminal.screen())) terminal.key("Enter");
  await terminal.shows("ended:0");
};

/**
 * Starts the team, has it work, and leaves it. Fails where the team leaves a server behind.
 * @returns what the provider was asked, by who asked it
 */
export const runTeam = async ({
  own,
  provider,
  options,
}: TeamRun): Promise<{
  leader: RecordedRequest[];
  teammate: RecordedRequest[];
  screen: string;
}> => {
  const mark = provider.requests.length;
  writeFileSync(join(own.workspace, "notes.txt"), "a line for the teammate\n");
  const words = [join(root, "bin/switchyard"), "team", "--config", own.config, ...options];
  const terminal = openTerminal(`${words.map(quote).join(" ")}; echo ended:$?; read line`, {
    env: { ...own.env, SCRIPTED_KEY: scriptedKey, TMUX_TMPDIR: own.folder },
    cwd: own.workspace,
  });
  try {
    await terminal.shows("Switchyard · no turn yet");
    await terminal.line("LEAD-THE-TEAM please");
    await terminal.shows("The leader is done.");
    const screen = terminal.screen();
    await leave(terminal);
    const sockets = readdirSync(own.folder, { recursive: true, encoding: "utf8" });
    expect(sockets.filter((name) => name.includes("switchyard-team"))).toEqual([]);
    expect(rolesAsked(provider, mark, "neither")).toEqual([]);
    return {
      leader: rolesAsked(provider, mark, "leader"),
      teammate: rolesAsked(provider, mark, "teammate"),
      screen,
    };
  } finally {
    terminal.close();
  }
};

/** Every turn of each was answered by its own model. @param models `provider,model`, as the provider was asked */
export const expectSides = (
  asked: { readonly leader: RecordedRequest[]; readonly teammate: RecordedRequest[] },
  models: { readonly leader: string; readonly teammate: string },
): void => {
  for (const role of ["leader", "teammate"] as const) {
    // One to call a tool, one with its result; the leader hears of the teammate's end as well.
    expect(asked[role].length).toBeGreaterThanOrEqual(2);
    const of = askedOf({ requests: asked[role] } as ScriptedProvider);
    expect([...new Set(of)], role).toEqual([models[role]]);
  }
};
