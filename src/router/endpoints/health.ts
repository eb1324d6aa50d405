/** `GET /health`, `GET /ready`, `HEAD|GET /api/hello`: no key is needed, and nothing is told that needs one. */
import type { Handler, RouterContext } from "./context.ts";

/** What is configured and what is switched off. */
export const health = (context: RouterContext): Handler =>
  function handleHealth(_request, reply) {
    const providers = Object.fromEntries(
      [...context.config.providers.values()].map((provider) => [
        provider.name,
        provider.disabled === undefined ? { enabled: true } : { enabled: false, reason: provider.disabled },
      ]),
    );
    void reply.send({ status: "healthy", providers });
  };

/** The router takes turns. */
export const ready: Handler = (_request, reply) => void reply.send({ status: "ready" });

/** Today's client asks for this before its first message. */
export const hello: Handler = (_request, reply) => void reply.send({ service: "switchyard" });
