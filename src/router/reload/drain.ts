/** The end of a server: nothing new is begun, and what is under way has a while. */
import type { FastifyInstance } from "fastify";
import { errorTable } from "../../shared/errors.ts";
import type { Logger } from "../../shared/log.ts";
import type { Flights } from "./flights.ts";

/** From the end of what was under way to that of its connections, in milliseconds: for the last bytes of those that only watch. */
const lastBytes = 500;

export interface Drained {
  readonly app: FastifyInstance;
  readonly flights: Flights;
  readonly log: Pick<Logger, "info" | "warn">;
}

/** @param grace so long what is under way may take, in milliseconds; what is left then is cut with an `error` event */
export const drain = async ({ app, flights, log }: Drained, grace: number): Promise<void> => {
  flights.close();
  app.server.closeIdleConnections();
  const before = flights.onLeave;
  flights.onLeave = () => {
    before?.();
    app.server.closeIdleConnections();
  };
  if (flights.size > 0) log.info({ inFlight: flights.size }, "ending: nothing new is begun");
  if (!(await flights.ended(grace))) {
    const { http, type, message, hint } = errorTable["router.ended"];
    const cut = flights.cutAll({ status: http, type, message: `${message}. ${hint}` });
    log.warn(
      { code: "router.ended", cut },
      `${cut} under way after ${grace / 1000} s: cut off (server.drain)`,
    );
    // What the clients are told is to reach them.
    await flights.ended(1_000);
    app.server.closeAllConnections();
  }
  // To Node a connection on which nothing was asked yet is not idle, and it would wait for its end. Browsers keep such ones in store.
  const silent = setTimeout(() => app.server.closeAllConnections(), lastBytes);
  await app.close();
  clearTimeout(silent);
};
