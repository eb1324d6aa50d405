/**
 * A proxy that leads nowhere but to a server of the test: what is asked of the hosts that it knows goes there, decrypted; everybody else is
 * refused and remembered.
 */
import { createServer, request } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { createServer as createTlsServer } from "node:https";
import { selfSigned } from "./self-signed.ts";

export interface WayOut {
  /** For HTTPS_PROXY. */
  readonly url: string;
  /** What its hosts show, as PEM: to be trusted by who asks. */
  readonly certificate: string;
  /** `host:port` that were asked for and refused. */
  readonly refused: readonly string[];
  close(): Promise<void>;
}

/**
 * @param hosts name -> address of the server that answers for it (`http://127.0.0.1:port`)
 * @param options.identity of its hosts, where another process is to trust it before it starts
 */
export const startWayOut = async (
  hosts: Readonly<Record<string, string>>,
  options: { host?: string; port?: number; identity?: { certificate: string; key: string } } = {},
): Promise<WayOut> => {
  const refused: string[] = [];
  const open = new Set<Socket>();
  const { certificate, key } = options.identity ?? selfSigned(Object.keys(hosts));
  const inside = createTlsServer({ cert: certificate, key }, (req, res) => {
    const to = new URL(req.url ?? "/", hosts[(req.headers.host ?? "").split(":")[0] ?? ""]);
    const onward = request(to, { method: req.method, headers: req.headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    });
    onward.on("error", () => res.destroy());
    res.on("close", () => onward.destroy());
    req.pipe(onward);
  });
  const proxy = createServer((req, res) => {
    refused.push(req.url ?? "");
    res.writeHead(403).end();
  });
  proxy.on("connect", (req, socket: Socket) => {
    const [name = ""] = (req.url ?? "").split(":");
    if (hosts[name] === undefined) {
      refused.push(req.url ?? "");
      socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      return;
    }
    open.add(socket);
    socket.on("close", () => open.delete(socket)).on("error", () => undefined);
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    inside.emit("connection", socket);
  });
  await new Promise<void>((resolve) => proxy.listen(options.port ?? 0, options.host ?? "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    certificate,
    refused,
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
};
