/** The configuration as a client key may use it: what a turn falls back to by itself is held to the key's terms, too. */
import type { Config } from "../../config/types.ts";
import type { ClientIdentity } from "../clients/identity.ts";
import { mayUse } from "../clients/permitted.ts";

/** A request that is too long for its target goes on to those of longContext: without the ones that the key may not use. @param asked the model of the request */
export const withinTerms = (config: Config, client: ClientIdentity | undefined, asked: string): Config => {
  const { longContext } = config.routes;
  if (longContext === undefined || (client?.terms?.models ?? []).length === 0) return config;
  const use = longContext.use.filter((target) => mayUse(client, target, config, asked));
  return { ...config, routes: { ...config.routes, longContext: { ...longContext, use } } };
};
