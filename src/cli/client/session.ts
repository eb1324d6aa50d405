/** From the name that a user gives to what a session of the client is started with. */
import { usableProfile } from "../../config/known-profile.ts";
import { windowVariables } from "../../config/client-switches.ts";
import { modelInfoOf } from "../../config/model-info.ts";
import { noProfileNames } from "../../config/resolve-profiles.ts";
import { findTarget } from "../../config/target-routes.ts";
import type { Config, Target } from "../../config/types.ts";
import { usesPassthrough } from "../../engine/handover.ts";
import { accessDir } from "../../shared/access-files.ts";
import type { SessionSide } from "../../shared/client-session.ts";
import { readDefaultProfile } from "../../shared/default-profile.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import type { Loaded } from "../configuration.ts";

/** One side of a session, and whether the user's own login goes along with it. */
export interface Side extends SessionSide {
  readonly passthrough: boolean;
}

/** What a header can carry. */
const printable = /^[\x21-\x7e]+$/;

const ofTarget = (name: string, target: Target, config: Config): Side => ({
  profile: name,
  // The client takes an id that it does not know for a window of a million tokens, and each of its own for that one's.
  env: windowVariables(modelInfoOf(config, target)?.context),
  passthrough: config.providers.get(target.provider)?.auth === "passthrough",
});

/**
 * @param name a profile, a target or an alias in place of one, `none` for the routes of the configuration; `default` or undefined: what the router has as its default
 * @throws SwitchyardError profile.unknown, profile.disabled
 */
export const sideOf = (
  name: string | undefined,
  { config, stateDir }: Pick<Loaded, "config" | "stateDir">,
): Side => {
  const onDefault = (): boolean => usesPassthrough(config, readDefaultProfile(accessDir(stateDir)));
  if (name === undefined) return { env: {}, passthrough: onDefault() };
  if (!config.profiles.has(name)) {
    if (noProfileNames.includes(name))
      return {
        env: {},
        profile: name,
        passthrough: name === "none" ? usesPassthrough(config) : onDefault(),
      };
    const found = printable.test(name) ? findTarget(name, config) : undefined;
    if (found !== undefined && "target" in found) return ofTarget(name, found.target, config);
    if (found !== undefined)
      throw new SwitchyardError(found.disabled === true ? "profile.disabled" : "profile.unknown", {
        detail: found.problem,
      });
  }
  const { clientEnv } = usableProfile(name, config);
  return { profile: name, env: clientEnv, passthrough: usesPassthrough(config, name) };
};

/**
 * The client takes one `--settings` alone, the last: with a second one its session would leave router and profile without a word.
 * @throws SwitchyardError usage.invalid
 */
export const refuseOwnSettings = (args: readonly string[]): void => {
  if (!args.some((each) => /^--settings(?:=|$)/.test(each))) return;
  throw new SwitchyardError("usage.invalid", {
    detail:
      "--settings behind `--` would take the place of the session's own, and lead past router and profile",
    hint: "Put your settings into settings.json of the client's folder or of the workspace (.claude/settings.local.json).",
  });
};
