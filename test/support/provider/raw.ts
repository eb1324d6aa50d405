/** A provider whose every byte a test decides: for what no well-behaved server sends. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

export interface RawProvider {
  /** `http://127.0.0.1:port` */
  url: string;
  /** Bodies of the requests, in order. */
  bodies: string[];
  close(): Promise<void>;
}

export type RawAnswer = (
  res: ServerResponse,
  request: { req: IncomingMessage; socket: Socket; body: string; number: number },
) => void;

/** @param answer called when a request has come whole; `number` counts from 1 */
export const rawProvider = async (answer: RawAnswer): Promise<RawProvider> => {
  const bodies: string[] = [];
  const server = createServer((req, res) => {
    const parts: Buffer[] = [];
    req.on("data", (chunk: Buffer) => parts.push(chunk));
    req.on("end", () => {
      const body = Buffer.concat(parts).toString("utf8");
      bodies.push(body);
      answer(res, { req, socket: req.socket, body, number: bodies.length });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    bodies,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
