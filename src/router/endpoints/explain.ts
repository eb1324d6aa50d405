/** `POST /api/route`: which rule would decide a request, and why; nobody is called. */
import { targetName } from "../../config/types.ts";
import { clientIn, withoutCredentials } from "../auth.ts";
import { askedByAdmin } from "../profiles/asked.ts";
import { route } from "../rules/index.ts";
import { countRequestTokens } from "../tokens/count.ts";
import { rawBodyOf, routeOptions, type Handler, type RouterContext } from "./context.ts";
import { parseBody, validateMessagesRequest } from "./validate.ts";

export const explain = (context: RouterContext): Handler =>
  async function handleExplain(request, reply) {
    // An administrator may ask on behalf of a client, by sending its key beside.
    const client = clientIn(request.headers, context);
    const rawBody = rawBodyOf(request);
    const asked = validateMessagesRequest(parseBody(rawBody), { counting: true });
    const under = askedByAdmin(request, context);
    const decision = await route(asked, withoutCredentials(request.headers), under.config, {
      ...routeOptions(request, context, under, client),
      explain: true,
    });
    return reply.send({
      rule: decision.rule,
      targets: decision.targets.map(targetName),
      tokens: decision.tokens ?? (await countRequestTokens(asked)),
      why: decision.why,
    });
  };
