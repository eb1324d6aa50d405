/** What is asked under a profile that there is not, by whatever path. */
import type { FastifyRequest } from "fastify";
import { SwitchyardError } from "../../shared/errors.ts";
import type { RouterContext } from "../endpoints/context.ts";
import { profileInPath } from "./asked.ts";

/** Endpoints that refuse it themselves, with the names of all profiles, once they know who asks. */
const toldThere = /^\/(?:v1(?:beta)?|api\/routes?)(?:[/?]|$)/;

/** The refusal, or undefined. Nobody was asked for a key yet: which profiles there are is not told. */
export const unknownProfile = (
  request: FastifyRequest,
  { config }: Pick<RouterContext, "config">,
): SwitchyardError | undefined => {
  const name = profileInPath(request);
  if (name === undefined || config.profiles.has(name) || toldThere.test(request.url)) return undefined;
  return new SwitchyardError("profile.unknown", { headers: { "x-should-retry": "false" } });
};
