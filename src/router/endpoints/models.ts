/** `GET /v1/models` and `GET /v1/models/{id}`, and the same under `/v1beta`: the configured targets, in the form of the asking client. */
import type { FastifyRequest } from "fastify";
import type { IncomingHttpHeaders } from "node:http";
import { modelInfoOf } from "../../config/model-info.ts";
import { offeredTargets } from "../../config/offered-targets.ts";
import { targetName, type Config, type Target } from "../../config/types.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import { authenticate } from "../auth.ts";
import type { ClientIdentity } from "../clients/identity.ts";
import { mayUse, requireProfile } from "../clients/permitted.ts";
import { askedOf } from "../profiles/asked.ts";
import { viaPrefix } from "../../shared/via-prefix.ts";
import type { Handler, RouterContext } from "./context.ts";

/** Those that the client key may use. */
const configuredTargets = (config: Config, client: ClientIdentity | undefined): Target[] =>
  offeredTargets(config).filter((target) => mayUse(client, target, config, undefined));

/**
 * Clients of OpenAI's send a bearer token and nothing of Anthropic's: no version, no key header, no `limit`, no name of Claude's. Whoever
 * cannot be told is answered as before there was a choice, in Anthropic's form.
 */
const asksInOpenAiForm = (
  headers: IncomingHttpHeaders,
  query: Readonly<Record<string, unknown>>,
): boolean => {
  const agent = headers["user-agent"] ?? "";
  if (headers["anthropic-version"] !== undefined || headers["anthropic-beta"] !== undefined) return false;
  if (headers["x-api-key"] !== undefined || query["limit"] !== undefined || /claude|anthropic/i.test(agent))
    return false;
  return headers.authorization !== undefined || /openai|codex/i.test(agent);
};

/** Google's own clients send their key in a header of their own, and ask for `/v1beta`. */
const asksInGoogleForm = ({ headers, url }: FastifyRequest): boolean =>
  url.startsWith("/v1beta") ||
  headers["x-goog-api-key"] !== undefined ||
  headers["x-goog-api-client"] !== undefined;

/** As the client writes a day on which nothing is known: the same for all. */
const createdAt = "2025-01-01T00:00:00Z";

const anthropicModels = (config: Config, client: ClientIdentity | undefined) =>
  configuredTargets(config, client).map((target) => ({
    type: "model",
    id: `${viaPrefix}${targetName(target)}`,
    display_name: targetName(target),
    created_at: createdAt,
  }));

/** Targets by their names, then by their aliases: the names that a user of a client of OpenAI's or Google's writes. */
const namedTargets = (config: Config, client: ClientIdentity | undefined): [string, Target][] => {
  const aliases = [...config.aliases].filter(
    ([, target]) =>
      config.providers.get(target.provider)?.disabled === undefined &&
      mayUse(client, target, config, undefined),
  );
  const targets = configuredTargets(config, client);
  return [...targets.map((target): [string, Target] => [targetName(target), target]), ...aliases];
};

const openAiModels = (config: Config, client: ClientIdentity | undefined) =>
  namedTargets(config, client).map(([id, target]) => ({
    id,
    object: "model",
    created: Date.parse(createdAt) / 1000,
    owned_by: target.provider,
  }));

/** Google's form (ai.google.dev/api/models). What is not known of a model is left out. */
const googleModels = (config: Config, client: ClientIdentity | undefined) =>
  namedTargets(config, client).map(([name, target]) => {
    const { context, maxOutput, thinking } = modelInfoOf(config, target) ?? {};
    return {
      name: `models/${name}`,
      displayName: name,
      ...(context !== undefined && { inputTokenLimit: context }),
      ...(maxOutput !== undefined && { outputTokenLimit: maxOutput }),
      ...(thinking !== undefined && { thinking }),
      supportedGenerationMethods: ["generateContent", "countTokens"],
    };
  });

export const models = (context: RouterContext): Handler =>
  function handleModels(request, reply) {
    const { client } = authenticate(request.headers, context);
    const { config, profile } = askedOf(request, context, client);
    requireProfile(client, profile);
    if (asksInGoogleForm(request)) return void reply.send({ models: googleModels(config, client) });
    if (asksInOpenAiForm(request.headers, request.query as Record<string, unknown>))
      return void reply.send({ object: "list", data: openAiModels(config, client) });
    const data = anthropicModels(config, client);
    return void reply.send({
      data,
      has_more: false,
      first_id: data[0]?.id ?? null,
      last_id: data.at(-1)?.id ?? null,
    });
  };

/** An id may hold slashes and colons, as it is or percent-encoded. */
export const model = (context: RouterContext): Handler =>
  function handleModel(request, reply) {
    const { client } = authenticate(request.headers, context);
    const { config, profile } = askedOf(request, context, client);
    requireProfile(client, profile);
    const id = (request.params as { "*": string })["*"];
    if (asksInGoogleForm(request)) {
      const one = googleModels(config, client).find(({ displayName }) => displayName === id);
      if (one === undefined) throw new SwitchyardError("request.noSuchModel", { detail: id });
      return void reply.send(one);
    }
    const openAi = asksInOpenAiForm(request.headers, request.query as Record<string, unknown>);
    const list: readonly { id: string }[] = openAi
      ? openAiModels(config, client)
      : anthropicModels(config, client);
    const found = list.find((each) => each.id === id || each.id === `${viaPrefix}${id}`);
    if (found === undefined) throw new SwitchyardError("request.noSuchModel", { detail: id });
    return void reply.send(found);
  };
