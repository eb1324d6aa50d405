/** `GET /health`, `GET /ready`, `HEAD|GET /api/hello`: no key is needed, and nothing is told that needs one. */
import type { Handler, RouterContext } from "./context.ts";
import { restingByProvider } from "./state.ts";

/** What is configured and what is switched off, how many of its keys and models rest, and whether the configuration is that of the files. */
export const health = (context: RouterContext): Handler =>
  async function handleHealth(_request, reply) {
    const resting = await restingByProvider(context);
    const providers = Object.fromEntries(
      [...context.config.providers.values()].map((provider) => [
        provider.name,
        provider.disabled === undefined
          ? { enabled: true, resting: resting.get(provider.name) ?? 0 }
          : { enabled: false, reason: provider.disabled },
      ]),
    );
    const config = context.reloader.stale ? "stale" : "ok";
    return reply.send({ status: "healthy", config, providers });
  };

/** The router takes turns: 503 from the signal that ends it. */
export const ready = (context: RouterContext): Handler =>
  function handleReady(_request, reply) {
    if (context.flights.draining) void reply.code(503).send({ status: "draining" });
    else void reply.send({ status: "ready" });
  };

/** Today's client asks for this before its first message. */
export const hello: Handler = (_request, reply) => void reply.send({ service: "switchyard" });
