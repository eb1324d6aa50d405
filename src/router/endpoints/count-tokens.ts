/** `POST /v1/messages/count_tokens`: asked of the provider where it can tell, estimated here otherwise. */
import { targetName } from "../../config/types.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import { authenticate, providerCredentials, withoutCredentials } from "../auth.ts";
import { permittedTargets, requireProfile } from "../clients/permitted.ts";
import { adapt } from "../dialects/anthropic/adapt.ts";
import { forwardedHeaders } from "../dialects/anthropic/encode.ts";
import { askedOf } from "../profiles/asked.ts";
import { route } from "../rules/index.ts";
import { countRequestTokens } from "../tokens/count.ts";
import {
  headerText,
  queryOf,
  rawBodyOf,
  routeOptions,
  requestId,
  type Handler,
  type RouterContext,
} from "./context.ts";
import { readMessagesRequest } from "./read-request.ts";

/** The client waits for this before it reads on: no longer than it would take to estimate. */
const forwardTimeout = 5000;

interface Count {
  input_tokens?: unknown;
}

export const countTokens = (context: RouterContext): Handler =>
  async function handleCountTokens(request, reply) {
    const { pool, log } = context;
    const { own, client } = authenticate(request.headers, context);
    const under = askedOf(request, context, client);
    const { config, profile } = under;
    requireProfile(client, profile);
    const rawBody = rawBodyOf(request);
    const asked = readMessagesRequest(rawBody, client, { counting: true });
    const headers = withoutCredentials(request.headers);
    const decision = await route(asked, headers, config, routeOptions(request, context, under, client));
    const target = permittedTargets(client, decision.targets, config)[0]!;
    const provider = config.providers.get(target.provider)!;
    void reply.header("request-id", requestId());
    void reply.header("x-switchyard-rule", headerText(decision.rule));
    void reply.header("x-switchyard-target", headerText(targetName(target)));
    const forwarded = provider.quirks.countTokens === true;
    const instead = config.server.countTokens === "refuse" ? "so is the client" : "estimated instead";
    void reply.header("x-switchyard-attempts", forwarded ? "1" : "0");
    if (forwarded) {
      const model = target.model === "*" ? decision.request.model : target.model;
      const dialectContext = {
        provider,
        model,
        info: undefined,
        stream: false,
        query: queryOf(request),
        clientHeaders: headers,
        rawBody,
      };
      try {
        // Loaded when it is first needed: few providers count tokens.
        const { request: callOnce } = await import("undici");
        const answer = await callOnce(`${provider.baseUrl}/v1/messages/count_tokens${dialectContext.query}`, {
          dispatcher: pool.dispatcherOf(provider),
          method: "POST",
          // Over all of it: an answer whose body never ends is none.
          signal: AbortSignal.timeout(forwardTimeout),
          headers: {
            ...forwardedHeaders(dialectContext),
            "content-type": "application/json",
            ...provider.headers,
            ...providerCredentials(provider, provider.keys[0]?.value, own),
          },
          body: JSON.stringify({ ...adapt(decision.request, dialectContext), model }),
        });
        const text = await answer.body.text();
        if (answer.statusCode === 200 && typeof (JSON.parse(text) as Count | null)?.input_tokens === "number")
          return reply.header("content-type", "application/json").send(text);
        log.warn(
          { provider: provider.name, status: answer.statusCode },
          `count_tokens was refused: ${instead}`,
        );
      } catch (error) {
        log.warn({ provider: provider.name, err: error }, `count_tokens did not answer: ${instead}`);
      }
    }
    if (config.server.countTokens === "refuse")
      throw new SwitchyardError("request.cannotCount", {
        detail: `${targetName(target)}: ${forwarded ? "the provider did not count" : "the provider has no count_tokens"}, and server.countTokens is refuse`,
        headers: { "x-should-retry": "false" },
      });
    return reply.send({ input_tokens: await countRequestTokens(decision.request) });
  };
