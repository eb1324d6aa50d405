/** What one session of the client is started with, beside the address of its router: the profile that it is on, and its team. */
import { isJsonObject, parseJsonObject } from "./json.ts";

/** The variable by which `docker exec` hands a session to the container's `enter`, as JSON. It holds no secret. */
export const clientSessionVariable = "SWITCHYARD_SESSION";

export interface SessionSide {
  /** Name of a profile, a target (`provider,model`) in its place, or none: the router's default. */
  readonly profile?: string;
  /** The profile's variables for the client: limits, effort, switches. */
  readonly env: Readonly<Record<string, string>>;
}

/** Where teammates run: each in a pane of a tmux server of the team's own, or in the leader's process. */
export const teamModes = ["tmux", "in-process"] as const;
export type TeamMode = (typeof teamModes)[number];

export interface ClientSession extends SessionSide {
  /** The user's own login goes along, for the providers that it is to be forwarded to. */
  readonly passthrough: boolean;
  readonly team?: { readonly mode: TeamMode; readonly teammate: SessionSide };
}

const sideOf = (value: Record<string, unknown>): SessionSide => ({
  ...(typeof value["profile"] === "string" && { profile: value["profile"] }),
  env: Object.fromEntries(
    Object.entries(isJsonObject(value["env"]) ? value["env"] : {}).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string",
    ),
  ),
});

/** Undefined where there is none. */
export const parseClientSession = (text: string | undefined): ClientSession | undefined => {
  const value = parseJsonObject(text);
  if (value === undefined) return undefined;
  const team = isJsonObject(value["team"]) ? value["team"] : undefined;
  const mode = teamModes.find((each) => each === team?.["mode"]);
  return {
    ...sideOf(value),
    passthrough: value["passthrough"] === true,
    ...(mode !== undefined && {
      team: { mode, teammate: sideOf(isJsonObject(team?.["teammate"]) ? team["teammate"] : {}) },
    }),
  };
};
