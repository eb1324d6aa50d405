/** `POST /api/route`: which rule would decide a request, and why; nobody is called. */
import { targetName } from "../../config/types.ts";
import { authenticate, withoutCredentials } from "../auth.ts";
import { route } from "../rules/index.ts";
import { countRequestTokens } from "../tokens/count.ts";
import { rawBodyOf, routeOptions, type Handler, type RouterContext } from "./context.ts";
import { parseBody, validateMessagesRequest } from "./validate.ts";

export const explain = (context: RouterContext): Handler =>
  async function handleExplain(request, reply) {
    authenticate(request.headers, context.config);
    const rawBody = rawBodyOf(request);
    const asked = validateMessagesRequest(parseBody(rawBody), { counting: true });
    const decision = await route(asked, withoutCredentials(request.headers), context.config, {
      ...routeOptions(request, context),
      explain: true,
    });
    return reply.send({
      rule: decision.rule,
      targets: decision.targets.map(targetName),
      tokens: decision.tokens ?? (await countRequestTokens(asked)),
      why: decision.why,
    });
  };
