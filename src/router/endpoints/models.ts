/** `GET /v1/models`: the configured targets, in Anthropic's form. */
import { targetName, type Config, type Target } from "../../config/types.ts";
import { authenticate } from "../auth.ts";
import { viaPrefix } from "../rules/explicit.ts";
import type { Handler, RouterContext } from "./context.ts";

const configuredTargets = (config: Config): Target[] => {
  const seen = new Map<string, Target>();
  const add = (target: Target): void => {
    const provider = config.providers.get(target.provider);
    if (target.model !== "*" && provider !== undefined && provider.disabled === undefined)
      seen.set(targetName(target), target);
  };
  for (const route of Object.values(config.routes)) for (const target of route?.use ?? []) add(target);
  for (const target of config.aliases.values()) add(target);
  return [...seen.values()];
};

export const models = (context: RouterContext): Handler =>
  function handleModels(request, reply) {
    authenticate(request.headers, context.config);
    const data = configuredTargets(context.config).map((target) => ({
      type: "model",
      id: `${viaPrefix}${targetName(target)}`,
      display_name: targetName(target),
      created_at: "2025-01-01T00:00:00Z",
    }));
    void reply.send({
      data,
      has_more: false,
      first_id: data[0]?.id ?? null,
      last_id: data.at(-1)?.id ?? null,
    });
  };
