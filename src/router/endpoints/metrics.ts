/**
 * `GET /metrics`, for Prometheus. Whoever may use everything may read it: a client key of the configuration, any program of this machine where none is needed, and
 * the administrator. A key that was made for somebody (`switchyard keys create`) needs to be allowed (`--metrics`): what others spend is none of its business.
 */
import type { FastifyRequest } from "fastify";
import { SwitchyardError } from "../../shared/errors.ts";
import { authenticate } from "../auth.ts";
import { contentType, exposition } from "../metrics/exposition.ts";
import { gauges } from "../metrics/gauges.ts";
import type { Handler, RouterContext } from "./context.ts";

/** @throws SwitchyardError auth.*, admin.* */
const requireReader = async (
  { method, headers, ip }: FastifyRequest,
  context: RouterContext,
): Promise<void> => {
  let refused: unknown;
  try {
    const { client } = authenticate(headers, context);
    if (client?.terms?.metrics !== false) return;
  } catch (error) {
    if (!(error instanceof SwitchyardError)) throw error;
    refused = error;
  }
  try {
    await context.admin.require({ method, headers, address: ip }, context.config);
  } catch (error) {
    // Somebody who sent no token of the administrator is told of the key.
    if (refused !== undefined && error instanceof SwitchyardError && error.code === "admin.needed")
      throw refused;
    throw error;
  }
};

export const metrics = (context: RouterContext): Handler =>
  async function handleMetrics(request, reply) {
    await requireReader(request, context);
    const text = exposition(context.metrics.metrics, await gauges(context));
    return reply.header("content-type", contentType).header("cache-control", "no-store").send(text);
  };
