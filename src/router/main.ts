/** Starts the router: configuration in, a listening server out. */
import type { AddressInfo } from "node:net";
import type { Config } from "../config/types.ts";
import { SwitchyardError, systemCodeOf } from "../shared/errors.ts";
import { createLogger, redactor, type Logger } from "../shared/log.ts";
import { isLoopback } from "../shared/loopback.ts";
import { createApp } from "./app.ts";
import { loadDialects } from "./dialects/index.ts";
import type { RouterContext } from "./endpoints/context.ts";
import { UpstreamPool } from "./upstream/pool.ts";

export interface RunningRouter {
  /** `http://host:port`, with the port that was really taken. */
  readonly url: string;
  readonly log: Logger;
  /** Stops listening, lets what is under way end for at most `grace` milliseconds (default 5,000), then ends it. */
  close(grace?: number): Promise<void>;
}

/**
 * @param options.write where log lines go; default stderr
 * @throws SwitchyardError port.inUse, config.invalid (an address that is not loopback without a client key)
 */
export const startRouter = async (options: {
  config: Config;
  host?: string;
  port?: number;
  write?: (line: string) => void;
}): Promise<RunningRouter> => {
  const { config } = options;
  const host = options.host ?? config.server.host;
  const port = options.port ?? config.server.port;
  if (!isLoopback(host) && config.server.clientKeys.length === 0) {
    throw new SwitchyardError("config.invalid", {
      detail: `the router would listen on ${host} for everyone, and no client key is set`,
      hint: "Set server.clientKeys (or SWITCHYARD_CLIENT_KEY), or listen on 127.0.0.1.",
    });
  }
  const redact = redactor(config.secrets);
  const log = createLogger({
    level: config.log.level,
    redact,
    ...(options.write !== undefined && { write: options.write }),
  });
  await loadDialects(config.providers.values());
  const pool = new UpstreamPool();
  const context: RouterContext = { config, pool, log, redact };
  const app = createApp(context);
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    const code = systemCodeOf(error);
    if (code === "EADDRINUSE")
      throw new SwitchyardError("port.inUse", { detail: `${host}:${port}`, cause: error });
    if (code === "EADDRNOTAVAIL" || code === "EACCES" || code === "ENOTFOUND") {
      throw new SwitchyardError("config.invalid", {
        detail: `the router cannot listen on ${host}:${port} (${code})`,
        cause: error,
      });
    }
    throw error;
  }
  for (const notice of config.notices) log.warn({ code: "config.notice" }, notice);
  const address = app.server.address() as AddressInfo;
  const shown = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return {
    url: `http://${shown}:${address.port}`,
    log,
    close: async (grace = 5000) => {
      const force = setTimeout(() => app.server.closeAllConnections(), grace);
      await app.close();
      clearTimeout(force);
      await pool.close();
    },
  };
};
