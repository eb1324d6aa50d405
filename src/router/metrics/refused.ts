/** Turns that were refused before a provider was asked: they cost nothing and are in no ledger, and whoever runs the router must see them all the same. */
import type { FastifyRequest } from "fastify";
import type { SwitchyardError } from "../../shared/errors.ts";
import { toldOf } from "../../shared/told.ts";
import { clientIn } from "../auth.ts";
import type { RouterContext } from "../endpoints/context.ts";

/** Where turns are asked for. */
const turnPaths: ReadonlySet<string> = new Set(["/v1/messages", "/v1/chat/completions", "/v1/responses"]);

/** Counts it for `/metrics`, and writes a line of the log: whose key, which error, in which words. Does nothing for other requests. @param id its `request-id` */
export const tellRefused = (
  context: Pick<RouterContext, "metrics" | "log" | "clients" | "config">,
  request: FastifyRequest,
  error: SwitchyardError,
  id: string,
): void => {
  if (request.method !== "POST" || !turnPaths.has(request.routeOptions.url ?? "")) return;
  context.metrics.refused(error.code);
  const client = clientIn(request.headers, context)?.name;
  context.log.warn(
    { requestId: id, code: error.code, status: error.httpStatus, ...(client !== undefined && { client }) },
    `a turn was refused: ${toldOf(error)}`,
  );
};
