/** A worker's way to what only one process has: the request goes there as it came, over a socket that only this user can open, and the answer comes back as bytes. */
import { Agent, type IncomingHttpHeaders, request as ask, type IncomingMessage } from "node:http";
import type { FastifyRequest } from "fastify";
import { SwitchyardError } from "../../shared/errors.ts";
import { rawBodyOf, type Handler } from "../endpoints/context.ts";

/** Of one connection alone (RFC 9110, 7.6.1). */
const ofConnection = ["connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade"];
/** Who asks is known from the connection, whatever a client claims. */
const claims = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "expect"];

const without = (headers: IncomingHttpHeaders, names: readonly string[]): IncomingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));

export interface Forwarder {
  readonly handler: Handler;
  /** Requests that are under way there. */
  readonly size: number;
  close(): void;
}

/** @param rest path of the socket */
export const createForwarder = (rest: string): Forwarder => {
  const agent = new Agent({ keepAlive: true });
  let size = 0;
  const handler: Handler = async (request, reply) => {
    size++;
    try {
      const { asked, answer } = await answerTo(request, rest, agent);
      reply.hijack();
      const res = reply.raw;
      res.writeHead(answer.statusCode ?? 502, without(answer.headers, ofConnection));
      // A stream of events is to begin before its first event.
      res.flushHeaders();
      res.once("close", () => asked.destroy());
      answer.on("error", () => res.destroy()).pipe(res);
      await new Promise((resolve) => res.once("close", resolve));
    } finally {
      size--;
    }
  };
  return {
    handler,
    get size() {
      return size;
    },
    close: () => agent.destroy(),
  };
};

/** @throws SwitchyardError router.draining where nobody is there */
const answerTo = (
  request: FastifyRequest,
  rest: string,
  agent: Agent,
): Promise<{ asked: ReturnType<typeof ask>; answer: IncomingMessage }> => {
  const body = rawBodyOf(request);
  const headers = {
    ...without(request.headers, [...ofConnection, ...claims, "content-length"]),
    "x-forwarded-for": request.ip,
    ...(body !== undefined && { "content-length": String(body.length) }),
  };
  return new Promise((resolve, reject) => {
    const asked = ask({
      socketPath: rest,
      agent,
      method: request.method,
      path: request.originalUrl,
      headers,
    });
    asked.once("response", (answer) => resolve({ asked, answer }));
    asked.on("error", (cause) =>
      reject(new SwitchyardError("router.draining", { cause, headers: { "retry-after": "1" } })),
    );
    asked.end(body);
  });
};
