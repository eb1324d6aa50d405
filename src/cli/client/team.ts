/** What a team is started with. */
import type { ClientSession, TeamMode } from "../../shared/client-session.ts";
import type { Side } from "./session.ts";

export interface Sides<T> {
  readonly leader: T;
  readonly teammate: T;
}

const windows = ["CLAUDE_CODE_MAX_CONTEXT_TOKENS", "CLAUDE_CODE_AUTO_COMPACT_WINDOW"] as const;

/** In one process there is one window: the smaller one, so that both compact in time. */
const sharedWindow = ({ leader, teammate }: Sides<Side>): Record<string, string> => {
  const smallest = (name: string): [string, string][] => {
    const known = [leader.env[name], teammate.env[name]].filter((value) => value !== undefined);
    return known.length === 0 ? [] : [[name, String(Math.min(...known.map(Number)))]];
  };
  return Object.fromEntries(windows.flatMap(smallest));
};

/** The user's own login goes along for both where one side needs it: whom it is forwarded to is for the router to say. */
export const teamSession = (sides: Sides<Side>, mode: TeamMode): ClientSession => {
  const { leader, teammate } = sides;
  return {
    ...leader,
    env: { ...leader.env, ...(mode === "in-process" && sharedWindow(sides)) },
    passthrough: leader.passthrough || teammate.passthrough,
    team: { mode, teammate },
  };
};
