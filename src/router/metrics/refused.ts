/** Turns that were refused before a provider was asked: they cost nothing and are in no ledger, and whoever runs the router must see them all the same. */
import type { FastifyRequest } from "fastify";
import type { SwitchyardError } from "../../shared/errors.ts";
import { toldOf } from "../../shared/told.ts";
import { clientIn } from "../auth.ts";
import type { RouterContext } from "../endpoints/context.ts";

/** Where turns are asked for. */
const turnPaths: ReadonlySet<string> = new Set([
  "/v1/messages",
  "/v1/chat/completions",
  "/v1/responses",
  "/v1beta/models/*",
  "/v1/models/*",
]);

/** Between two lines about the same, in milliseconds: whoever is refused a thousand times a second must not wash everything else out of the log. */
const sayEvery = 1_000;

/**
 * Counts what is refused for `/metrics`, and writes a line of the log: whose key, which error, in which words. Of the same client and error one line a second; the
 * next says how many there were. What is returned does nothing for other requests.
 */
export const refusals = (context: RouterContext, now: () => number = Date.now) => {
  const said = new Map<string, { at: number; since: number }>();
  /** @param id the answer's `request-id` */
  return (request: FastifyRequest, error: SwitchyardError, id: string): void => {
    if (request.method !== "POST" || !turnPaths.has(request.routeOptions.url ?? "")) return;
    const { code, httpStatus: status } = error;
    context.metrics.refused(code);
    const client = clientIn(request.headers, context)?.name;
    const same = JSON.stringify([code, client]);
    const last = said.get(same);
    if (last !== undefined && Math.abs(now() - last.at) < sayEvery) {
      last.since++;
      return;
    }
    // Names come from administrators and codes from a table: it stays small.
    said.set(same, { at: now(), since: 0 });
    const unsaid = last?.since ?? 0;
    context.log.warn(
      { requestId: id, code, status, ...(client !== undefined && { client }), ...(unsaid > 0 && { unsaid }) },
      `a turn was refused: ${toldOf(error)}${unsaid > 0 ? ` (and ${unsaid} before it)` : ""}`,
    );
  };
};
