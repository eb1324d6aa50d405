/** What follows from a failure before the client has seen anything: the one table that decides it. */

export type Next =
  /** Another key of the same provider may do; then the next target. */
  | "next-key"
  /** The next target of the route. */
  | "next-target"
  /** The request itself is at fault: no target would take it. */
  | "give-back";

const table: Readonly<Record<number, Next>> = {
  400: "give-back",
  401: "next-key",
  402: "next-key",
  403: "next-key",
  // The model or the path is unknown there.
  404: "next-target",
  405: "next-target",
  408: "next-target",
  409: "next-target",
  413: "give-back",
  422: "give-back",
  425: "next-target",
  429: "next-key",
};

/** @param status of the failure, as the client would see it */
export const nextAfter = (status: number): Next =>
  table[status] ?? (status >= 500 ? "next-target" : "give-back");
