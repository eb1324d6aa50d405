/** How many tokens a request has: asked of the provider where it can tell, estimated here otherwise. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { asAsked, targetName } from "../../config/types.ts";
import type { MessagesRequest } from "../../protocol/anthropic.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import { parseJsonObject, type JsonObject } from "../../shared/json.ts";
import { providerCredentials, withoutCredentials, type Authenticated } from "../auth.ts";
import { permittedTargets, requireProfile } from "../clients/permitted.ts";
import type { DialectContext, EncodedRequest } from "../dialects/dialect.ts";
import { askedOf } from "../profiles/asked.ts";
import { route } from "../rules/index.ts";
import { countRequestTokens } from "../tokens/count.ts";
import { headerText, queryOf, rawBodyOf, routeOptions, requestId, type RouterContext } from "./context.ts";

/** The client waits for this before it reads on: no longer than it would take to estimate. */
const forwardTimeout = 5000;

/** The question as the provider takes it. */
export interface ForwardedCount extends EncodedRequest {
  /** The tokens that its answer tells; undefined where it tells none. */
  counted(answer: JsonObject): number | undefined;
}

export interface CountAsked extends Authenticated {
  /** The request in the hub's form. */
  readonly asked: MessagesRequest;
  /** Undefined where the provider has no count. @param request as the rules leave it */
  readonly forward: (context: DialectContext, request: MessagesRequest) => ForwardedCount | undefined;
  /** The answer in the client's form. */
  readonly answer: (tokens: number) => object;
}

/** @throws SwitchyardError request.cannotCount, and what the rules throw */
export const serveCount = async (
  context: RouterContext,
  request: FastifyRequest,
  reply: FastifyReply,
  { asked, own, client, forward, answer }: CountAsked,
): Promise<unknown> => {
  const { pool, log } = context;
  const under = askedOf(request, context, client);
  const { config, profile } = under;
  requireProfile(client, profile);
  const headers = withoutCredentials(request.headers);
  const decision = await route(asked, headers, config, routeOptions(request, context, under, client));
  const target = permittedTargets(client, decision.targets, config, decision.request.model)[0]!;
  const provider = config.providers.get(target.provider)!;
  const forwarded = forward(
    {
      provider,
      model: asAsked(target, decision.request.model).model,
      info: undefined,
      stream: false,
      query: queryOf(request),
      clientHeaders: headers,
      rawBody: rawBodyOf(request),
    },
    decision.request,
  );
  void reply.header("request-id", requestId());
  void reply.header("x-switchyard-rule", headerText(decision.rule));
  void reply.header("x-switchyard-target", headerText(targetName(target)));
  void reply.header("x-switchyard-attempts", forwarded === undefined ? "0" : "1");
  const instead = config.server.countTokens === "refuse" ? "so is the client" : "estimated instead";
  if (forwarded !== undefined) {
    try {
      // Loaded when it is first needed: few providers count tokens.
      const { request: callOnce } = await import("undici");
      const said = await callOnce(`${provider.baseUrl}${forwarded.path}`, {
        dispatcher: pool.dispatcherOf(provider),
        method: "POST",
        // Over all of it: an answer whose body never ends is none.
        signal: AbortSignal.timeout(forwardTimeout),
        headers: {
          ...forwarded.headers,
          "content-type": "application/json",
          ...provider.headers,
          ...providerCredentials(provider, provider.keys[0]?.value, own),
        },
        body: forwarded.body,
      });
      const text = await said.body.text();
      const json = said.statusCode === 200 ? parseJsonObject(text) : undefined;
      if (json !== undefined && forwarded.counted(json) !== undefined)
        return reply.header("content-type", "application/json").send(text);
      log.warn({ provider: provider.name, status: said.statusCode }, `count_tokens was refused: ${instead}`);
    } catch (error) {
      log.warn({ provider: provider.name, err: error }, `count_tokens did not answer: ${instead}`);
    }
  }
  if (config.server.countTokens === "refuse")
    throw new SwitchyardError("request.cannotCount", {
      detail: `${targetName(target)}: ${forwarded === undefined ? "the provider has no count_tokens" : "the provider did not count"}, and server.countTokens is refuse`,
      headers: { "x-should-retry": "false" },
    });
  return reply.send(answer(await countRequestTokens(decision.request)));
};
