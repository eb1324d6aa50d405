/** A profile by the name that somebody gave: the same words in the CLI and in the router. */
import { SwitchyardError } from "../shared/errors.ts";
import { didYouMean } from "./problems.ts";
import type { Config, ProfileConfig } from "./types.ts";

type Named = Pick<Config, "profiles">;

/** Asked again it is as unknown as before: a client is told so. */
const headers = { "x-should-retry": "false" } as const;

/** @throws SwitchyardError profile.unknown, with the nearest name and all of them */
export const knownProfile = (name: string, { profiles }: Named): ProfileConfig => {
  const profile = profiles.get(name);
  if (profile !== undefined) return profile;
  const names = [...profiles.keys()];
  throw new SwitchyardError("profile.unknown", {
    detail: `${name.slice(0, 80)}.${didYouMean(name, names)} There are: ${names.join(", ") || "none"}`,
    headers,
  });
};

/** As `knownProfile`, and a model of it can be asked. @throws SwitchyardError profile.unknown, profile.disabled */
export const usableProfile = (name: string, config: Named): ProfileConfig => {
  const profile = knownProfile(name, config);
  if (profile.disabled === undefined) return profile;
  throw new SwitchyardError("profile.disabled", { detail: `${name}: ${profile.disabled}`, headers });
};
