/** `GET /health`, `GET /ready`, `HEAD|GET /api/hello`: no key is needed, and nothing is told that needs one. */
import { environmentTiers, type Config } from "../../config/types.ts";
import { defaultProfileOf } from "../profiles/asked.ts";
import { challengeHeader, proofHeader, proofOf } from "../../shared/router-proof.ts";
import type { Handler, RouterContext } from "./context.ts";
import { restingByProvider } from "./state.ts";

/**
 * Which model serves a tier, and whose account: for whoever keeps the tiers in variables. Asked of the routes: a configuration may say more.
 */
const tiersOf = ({ tiersFromEnvironment, routes, providers }: Config): Record<string, object> => {
  if (!tiersFromEnvironment) return {};
  return Object.fromEntries(
    environmentTiers.map((tier) => {
      const { provider, model } = (routes[tier] ?? routes.default).use[0]!;
      if (providers.get(provider)?.auth === "passthrough") return [tier, { uses_oauth: true }];
      // Behind `*` it is whatever the client asks for.
      return [tier, { ...(model !== "*" && { model }), provider_set: true }];
    }),
  );
};

/** What is configured and what is switched off, how many of its keys and models rest, whether the configuration is that of the files, and the default profile. */
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
    return reply.send({
      status: "healthy",
      config,
      profile: defaultProfileOf(context) ?? null,
      providers,
      ...tiersOf(context.config),
    });
  };

/** The router takes turns: 503 from the signal that ends it. A challenge is answered by a proof that this is a router of the project. */
export const ready = (context: RouterContext): Handler =>
  function handleReady(request, reply) {
    const challenge = request.headers[challengeHeader];
    const port = request.raw.socket.localPort;
    if (typeof challenge === "string" && challenge.length <= 128 && port !== undefined) {
      const { machineSecret, inContainer } = context.admin;
      if (machineSecret !== undefined)
        void reply.header(proofHeader, proofOf(machineSecret, challenge, inContainer ? "container" : port));
    }
    if (context.flights.draining) void reply.code(503).send({ status: "draining" });
    else void reply.send({ status: "ready" });
  };

/** Today's client asks for this before its first message. */
export const hello = (): Handler =>
  function handleHello(_request, reply) {
    void reply.send({ service: "switchyard" });
  };
