/** Profiles for commands: a name that was given is held against the configuration. */
import { didYouMean } from "../config/problems.ts";
import type { Config, ProfileConfig } from "../config/types.ts";
import { SwitchyardError } from "../shared/errors.ts";

/** @throws SwitchyardError profile.unknown, with the nearest name and all of them */
export const findProfile = (name: string, { profiles }: Config): ProfileConfig => {
  const profile = profiles.get(name);
  if (profile !== undefined) return profile;
  const names = [...profiles.keys()];
  throw new SwitchyardError("profile.unknown", {
    detail: `${name}.${didYouMean(name, names)} There are: ${names.join(", ") || "none"}`,
  });
};

/** As `findProfile`, and a model of it can be asked. @throws SwitchyardError profile.disabled */
export const requireProfile = (name: string, config: Config): ProfileConfig => {
  const profile = findProfile(name, config);
  if (profile.disabled !== undefined)
    throw new SwitchyardError("profile.disabled", { detail: `${name}: ${profile.disabled}` });
  return profile;
};
