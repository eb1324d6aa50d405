/** Where the router listens. */
import type { FastifyInstance } from "fastify";
import type { AddressInfo } from "node:net";
import { SwitchyardError, systemCodeOf } from "../shared/errors.ts";

/**
 * @param together other processes of this router listen at the same address: the system gives each connection to one of them. Where it cannot (macOS), node:cluster has
 * them accept from one socket
 * @returns `http://host:port`, with the port that was really taken @throws SwitchyardError port.inUse, config.invalid (an address that cannot be listened on)
 */
export const listenAt = async (
  app: FastifyInstance,
  host: string,
  port: number,
  together = false,
): Promise<string> => {
  const options = { host, port };
  // Fastify passes it on to Node, which knows it since 23.1.
  const shared = { ...options, reusePort: true };
  try {
    if (together) await app.listen(shared).catch(unlessUnsupported(app, options));
    else await app.listen(options);
  } catch (error) {
    throw listenError(error, host, port);
  }
  const { family, address, port: taken } = app.server.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${taken}`;
};

const unlessUnsupported =
  (app: FastifyInstance, options: { readonly host: string; readonly port: number }) =>
  (error: unknown): Promise<string> => {
    if (systemCodeOf(error) !== "ENOTSUP") throw error;
    return app.listen(options);
  };

export const listenError = (error: unknown, host: string, port: number): unknown => {
  const code = systemCodeOf(error);
  if (code === "EADDRINUSE")
    return new SwitchyardError("port.inUse", { detail: `${host}:${port}`, cause: error });
  if (code === "EADDRNOTAVAIL" || code === "EACCES" || code === "ENOTFOUND") {
    return new SwitchyardError("config.invalid", {
      detail: `the router cannot listen on ${host}:${port} (${code})`,
      cause: error,
    });
  }
  return error;
};
