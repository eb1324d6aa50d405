/** What a client key may ask for. */
import { asAsked, targetName, type Config, type Target } from "../../config/types.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import { viaPrefix } from "../../shared/via-prefix.ts";
import { matchesGlob } from "../rules/glob.ts";
import type { ClientIdentity } from "./identity.ts";

/** Letter case aside. */
const fitsName = (pattern: string, name: string): boolean =>
  matchesGlob(pattern.toLowerCase(), name.toLowerCase());

/** What a name in a key's list stands for: the client's lists say `claude-via/provider,model`, and an alias is what its user writes. */
const meant = (name: string, { aliases }: Pick<Config, "aliases">): string => {
  const plain = name.toLowerCase().startsWith(viaPrefix) ? name.slice(viaPrefix.length) : name;
  const target = aliases.get(plain);
  return target === undefined ? plain : targetName(target);
};

/**
 * Whether a key may use a target: by `provider,model`, by the model's id alone, or by an alias.
 * @param asked the model of the request, which `provider,*` is asked for; undefined: whether there may be one
 */
export const mayUse = (
  client: ClientIdentity | undefined,
  target: Target,
  config: Pick<Config, "aliases">,
  asked: string | undefined,
): boolean => {
  const models = client?.terms?.models ?? [];
  if (models.length === 0) return true;
  const names = models.map((each) => meant(each, config));
  if (target.model === "*" && asked === undefined)
    return names.some((each) => !each.includes(",") || fitsName(providerIn(each), target.provider));
  const used = asked === undefined ? target : asAsked(target, asked);
  return names.some((each) => fitsName(each, targetName(used)) || fitsName(each, used.model));
};

const providerIn = (name: string): string => name.slice(0, name.indexOf(","));

/** The targets that a key may use, in order. @param asked the model of the request. @throws SwitchyardError client.model, where it may use none */
export const permittedTargets = (
  client: ClientIdentity | undefined,
  targets: readonly Target[],
  config: Pick<Config, "aliases">,
  asked: string,
): readonly Target[] => {
  const permitted = targets.filter((target) => mayUse(client, target, config, asked));
  if (permitted.length > 0 || client === undefined) return permitted;
  throw new SwitchyardError("client.model", {
    detail: `${client.name} may not use ${targets.map((target) => targetName(asAsked(target, asked))).join(", ")}`,
    hint: `It may use: ${(client.terms?.models ?? []).join(", ")}.`,
    headers: { "x-should-retry": "false" },
  });
};

/** @throws SwitchyardError client.profile */
export const requireProfile = (client: ClientIdentity | undefined, profile: string | undefined): void => {
  const profiles = client?.terms?.profiles ?? [];
  if (client === undefined || profiles.length === 0) return;
  if (profile !== undefined && profiles.some((each) => fitsName(each, profile))) return;
  throw new SwitchyardError("client.profile", {
    detail: `${client.name} may not use ${profile === undefined ? "the router without a profile" : `the profile ${profile}`}`,
    hint: `It may use: ${profiles.join(", ")}.`,
    headers: { "x-should-retry": "false" },
  });
};
