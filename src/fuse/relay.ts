/**
 * A stable address for a session's client: connections to it are passed on, byte for byte, to the router that serves at that moment. Where that one ends or drains, the
 * next connection goes to another, and waits until it is there.
 */
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

export interface Relay {
  /** `http://127.0.0.1:PORT`, as long as it lives. */
  readonly url: string;
  close(): Promise<void>;
}

/** Ends both when one ends or breaks. */
const joinSockets = (client: Socket, upstream: Socket): void => {
  client.setNoDelay(true);
  upstream.setNoDelay(true);
  client.pipe(upstream).pipe(client);
  for (const [one, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    one.on("error", () => other.destroy());
    one.on("close", () => other.destroy());
  }
};

/**
 * @param url where the first connections go
 * @param serves true where what listens there is a router of the project that takes turns; asked before each connection
 * @param next called when that router takes no turns any more: resolves with the URL of another. One call at a time; where it rejects, the connections that wait are
 * closed, and the next one asks again.
 */
export const startRelay = async (
  url: string,
  serves: (url: string) => Promise<boolean>,
  next: () => Promise<string>,
): Promise<Relay> => {
  let target = url;
  let finding: Promise<string> | undefined;
  const find = async (): Promise<string> => {
    if (!(await serves(target))) target = await next();
    return target;
  };
  const open = new Set<Socket>();
  const passOn = async (client: Socket): Promise<void> => {
    try {
      const { hostname, port } = new URL(await (finding ??= find().finally(() => (finding = undefined))));
      if (!client.destroyed) joinSockets(client, connect(Number(port), hostname.replace(/^\[(.*)\]$/, "$1")));
    } catch {
      client.destroy();
    }
  };
  const server = createServer((client) => {
    open.add(client);
    client.once("close", () => open.delete(client));
    // Until it is joined to another: a client that goes away while it waits.
    client.on("error", () => client.destroy());
    void passOn(client);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
};
