/** Which profile a request goes by, and the configuration as it is under that profile. */
import type { FastifyRequest } from "fastify";
import { usableProfile } from "../../config/known-profile.ts";
import { findTarget, routesTo } from "../../config/target-routes.ts";
import type { Config, ProfileConfig } from "../../config/types.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import { agentProfileHeader, profileHeader } from "../../shared/profile-headers.ts";
import type { ClientIdentity } from "../clients/identity.ts";
import type { RouterContext } from "../endpoints/context.ts";

/** `/p/<name>` at the beginning of a path. */
export const profilePrefix = /^\/p\/([^/?]+)(?=[/?]|$)/;

/** The profile in the path that the client asks; undefined: none. */
export const profileInPath = (request: FastifyRequest): string | undefined =>
  // Before other spellings of the path became one.
  decoded(profilePrefix.exec(request.originalUrl)?.[1]);

/** Some clients encode more of a path than they need to. */
const decoded = (name: string | undefined): string | undefined => {
  if (name?.includes("%") !== true) return name;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
};

/**
 * The profile, or the target in place of one, that the client names in a header; undefined: none. The settings of some clients can hold headers, but no
 * path. A team names one for those that its leader starts: Claude Code 2.1.329 marks requests of subagents and of teammates in its own process.
 */
const namedInHeader = ({ headers }: FastifyRequest): { name: string; agent: boolean } | undefined => {
  const ofAgents = headers[agentProfileHeader];
  if (typeof ofAgents === "string" && headers["x-claude-code-agent-id"] !== undefined)
    return { name: ofAgents, agent: true };
  const name = headers[profileHeader];
  return typeof name === "string" ? { name, agent: false } : undefined;
};

export interface Asked {
  /** With the profile's routes. */
  readonly config: Config;
  /** Its name; undefined: none, the configuration's own routes. */
  readonly profile: string | undefined;
}

/** The configurations of profiles, made once for each configuration. */
const views = new WeakMap<Config, Map<string, Config>>();

/** A configuration with the routes of one of its profiles. */
export const underProfile = (config: Config, { name, routes, tierFirst }: ProfileConfig): Config => {
  let known = views.get(config);
  if (known === undefined) views.set(config, (known = new Map()));
  let view = known.get(name);
  if (view === undefined) known.set(name, (view = { ...config, routes, tierFirst }));
  return view;
};

/** The default profile in force: one that is no more in the configuration counts as none. */
export const defaultProfileOf = ({
  config,
  defaultProfile,
}: Pick<RouterContext, "config" | "defaultProfile">): string | undefined => {
  const { name } = defaultProfile;
  return name !== undefined && config.profiles.has(name) ? name : undefined;
};

/** What is to be told of a default profile that was chosen and is not in the configuration; undefined: nothing. */
export const missingDefault = ({
  config,
  defaultProfile: { name },
}: Pick<RouterContext, "config" | "defaultProfile">): string | undefined =>
  name === undefined || config.profiles.has(name)
    ? undefined
    : `The profile ${JSON.stringify(name)} is chosen (switchyard use) and is not in the configuration: what is asked without a profile goes by \`routes\`.`;

/**
 * The profile that a header names for agents, else the one that was chosen for the session, else that of the path, of the header, else the default one. Call it once the client is known: it tells the names of profiles.
 * @throws SwitchyardError profile.unknown, profile.disabled
 */
export const askedOf = (
  request: FastifyRequest,
  context: Pick<RouterContext, "config" | "defaultProfile" | "sessionProfiles">,
  client: ClientIdentity | undefined,
): Asked => {
  const named = namedInHeader(request);
  const inPath = profileInPath(request);
  if (named?.agent === true) return underNamed(named.name, context);
  const chosen = context.sessionProfiles.of(request.headers, client);
  // One that is no more in the configuration counts as none.
  if (chosen !== undefined && context.config.profiles.has(chosen)) return under(chosen, context.config);
  if (named !== undefined && inPath === undefined) return underNamed(named.name, context);
  return under(inPath ?? defaultProfileOf(context), context.config);
};

/** As `askedOf`, for the administration: `?profile=` does as well as the path, below which the dashboard's cookie is not sent. */
export const askedByAdmin = (
  request: FastifyRequest,
  context: Pick<RouterContext, "config" | "defaultProfile" | "sessionProfiles">,
): Asked => {
  const { profile } = request.query as { profile?: unknown };
  return typeof profile === "string" ? under(profile, context.config) : askedOf(request, context, undefined);
};

const under = (profile: string | undefined, config: Config): Asked => {
  if (profile === undefined) return { config, profile };
  return { config: underProfile(config, usableProfile(profile, config)), profile };
};

/** A profile, a target or an alias in place of one, `default`, or `none`: the routes of the configuration. @throws SwitchyardError profile.unknown, profile.disabled */
const underNamed = (name: string, context: Pick<RouterContext, "config" | "defaultProfile">): Asked => {
  const { config } = context;
  if (config.profiles.has(name)) return under(name, config);
  if (name === "default") return under(defaultProfileOf(context), config);
  if (name === "none") return { config, profile: undefined };
  const found = findTarget(name, config);
  if (found === undefined) return under(name, config);
  if ("target" in found)
    return {
      config: { ...config, routes: routesTo(found.target, config), tierFirst: true },
      profile: undefined,
    };
  throw new SwitchyardError(found.disabled === true ? "profile.disabled" : "profile.unknown", {
    detail: found.problem,
    headers: { "x-should-retry": "false" },
  });
};
