/** What stands before an endpoint: who may ask is decided by its path, before a byte of the body is read. */
import type { onRequestAsyncHookHandler } from "fastify";
import type { RouterContext } from "../endpoints/context.ts";
import type { Endpoint } from "../endpoints/index.ts";
import { apiHeaders, pageHeaders } from "./headers.ts";
import { requireOwnOrigin } from "./origin.ts";

/** An endpoint under `/api/` is the administrator's, unless it says otherwise: a new one is closed by itself. */
export const accessOf = ({
  access,
  path,
}: Pick<Endpoint, "access" | "path">): NonNullable<Endpoint["access"]> =>
  access ?? (path.startsWith("/api/") ? "admin" : "open");

/** Bound to the endpoint, not to the text of the URL, which has many spellings (`/%61pi/state`). */
export const guardOf = (
  endpoint: Endpoint,
  context: RouterContext,
): onRequestAsyncHookHandler | undefined => {
  const access = accessOf(endpoint);
  if (access === "open") return undefined;
  if (access === "admin")
    return async ({ method, headers, ip }, reply) => {
      void reply.headers(apiHeaders);
      await context.admin.require({ method, headers, address: ip }, context.config);
    };
  return async ({ headers: { host } }, reply) => {
    // A link on another page may lead here: only the name counts.
    requireOwnOrigin({ host }, context.config);
    void reply.headers(pageHeaders);
  };
};
