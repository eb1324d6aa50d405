/** Where the router listens. */
import type { FastifyInstance } from "fastify";
import type { AddressInfo } from "node:net";
import { SwitchyardError, systemCodeOf } from "../shared/errors.ts";

/** @returns `http://host:port`, with the port that was really taken @throws SwitchyardError port.inUse, config.invalid (an address that cannot be listened on) */
export const listenAt = async (app: FastifyInstance, host: string, port: number): Promise<string> => {
  try {
    await app.listen({ host, port });
  } catch (error) {
    throw listenError(error, host, port);
  }
  const { family, address, port: taken } = app.server.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${taken}`;
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
