/** A worker's way to what only one process has: the request goes there as it came, over a socket that only this user can open, and the answer comes back as bytes. */
import {
  Agent,
  type IncomingHttpHeaders,
  request as ask,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
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
    const res = reply.raw;
    // It may go before there is an answer, and no event tells of that again.
    const gone = new Promise<void>((resolve) => res.once("close", resolve));
    size++;
    try {
      const answer = await answerTo(request, res, rest, agent);
      reply.hijack();
      if (answer === "gone") return;
      res.writeHead(answer.statusCode ?? 502, without(answer.headers, ofConnection));
      // A stream of events is to begin before its first event.
      res.flushHeaders();
      answer.on("error", () => res.destroy()).pipe(res);
      await gone;
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

/**
 * @param res whose client is answered: where it goes, nothing more is asked
 * @throws SwitchyardError router.draining where nobody is there
 */
const answerTo = (
  request: FastifyRequest,
  res: ServerResponse,
  rest: string,
  agent: Agent,
): Promise<IncomingMessage | "gone"> => {
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
    asked.once("response", resolve);
    res.once("close", () => {
      resolve("gone");
      asked.destroy();
    });
    asked.on("error", (cause) =>
      reject(new SwitchyardError("router.draining", { cause, headers: { "retry-after": "1" } })),
    );
    asked.end(body);
  });
};
