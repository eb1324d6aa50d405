/** The HTTP application: endpoints on Fastify, bodies as bytes, every error in the shape of the endpoint's API. */
import {
  fastify,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from "fastify";
import { errorTypeOfStatus, SwitchyardError } from "../shared/errors.ts";
import { toldOf } from "../shared/told.ts";
import { guardOf } from "./admin/guard.ts";
import { requestId, type RouterContext } from "./endpoints/context.ts";
import { canonicalUrl, endpoints, isGoogleUrl, isOpenAiUrl, type Endpoint } from "./endpoints/index.ts";
import { unknownProfile } from "./profiles/unknown.ts";
import { refusals } from "./metrics/refused.ts";
import { geminiErrorAnswer } from "./inbound/gemini/errors.ts";
import { takeQueryKey } from "./inbound/gemini/query-key.ts";
import { openAiErrorAnswer } from "./inbound/shared/errors.ts";

/** Fastify would load its JSON Schema compilers (ajv and others: 20 ms of the start) for routes that have schemas; none has. */
const unused = (): never => {
  throw new Error("routes of the router have no schemas");
};
const noSchemas = { buildValidator: unused, buildSerializer: unused };

/** Between two looks for requests that take too long to come, in milliseconds. */
const checkEvery = 1_000;

/** How long a client may take to send its request. @param requestTimeout milliseconds */
export const limitRequests = ({ server }: FastifyInstance, requestTimeout: number): void => {
  server.requestTimeout = requestTimeout;
  // Node goes by the longer of the two for the whole request.
  server.headersTimeout = Math.min(60_000, requestTimeout);
};

export const createApp = (context: RouterContext): FastifyInstance => {
  const app = fastify({
    logger: false,
    bodyLimit: context.config.server.bodyLimit,
    // A reasoning model may think for many minutes; the turn has its own time-outs towards the provider.
    // This one is for the request alone: a client that sends it byte by byte is answered 408.
    requestTimeout: context.config.server.requestTimeout,
    http: { connectionsCheckingInterval: checkEvery },
    connectionTimeout: 0,
    keepAliveTimeout: 75_000,
    rewriteUrl: (request) => takeQueryKey(canonicalUrl(request.url ?? "/"), request.headers),
    exposeHeadRoutes: false,
    return503OnClosing: false,
    schemaController: { compilersFactory: noSchemas },
    // Only workers reach it then, which say who asks them.
    trustProxy: context.workers !== undefined,
    clientErrorHandler: (error, socket) => {
      if (socket.writable && (error as { code?: string }).code !== "ECONNRESET") socket.write(notHttp(error));
      socket.destroy(error);
    },
    frameworkErrors: (error, request, reply) =>
      sendError(request, reply, asSwitchyardError(error, context), context),
  });
  limitRequests(app, context.config.server.requestTimeout);
  app.addHook("onRequest", (request, reply, done) => {
    context.flights.enter(reply.raw);
    done(
      context.flights.draining && request.method === "POST" ? drained() : unknownProfile(request, context),
    );
  });
  // A turn's answer brings its own.
  app.addHook("onSend", (_request, reply, payload, done) => {
    if (!reply.hasHeader("request-id")) void reply.header("request-id", requestId());
    // Whoever asks again is to find the one that comes after us.
    if (context.flights.draining) void reply.header("connection", "close");
    done(null, payload);
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));

  const tellRefused = refusals(context);
  const all = endpoints(context);
  context.workers?.attach(app);
  for (const endpoint of all) {
    const { methods, path } = endpoint;
    const { forward } = context;
    const elsewhere = forward !== undefined && endpoint.inWorkers !== true;
    const handler = elsewhere ? forward : endpoint.handler;
    const guard = elsewhere ? undefined : guardOf(endpoint, context);
    app.route({ method: [...methods], url: path, handler, ...(guard !== undefined && { onRequest: guard }) });
  }
  app.setNotFoundHandler((request, reply) =>
    sendError(request, reply, notServed(all, request.method, request.url), context),
  );
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const known = asSwitchyardError(error, context);
    const id = requestId();
    void reply.header("request-id", id);
    tellRefused(request, known, id);
    sendError(request, reply, known, context);
  });
  return app;
};

/** The client asks again by itself, and finds the next router. */
const drained = (): SwitchyardError =>
  new SwitchyardError("router.draining", { headers: { "retry-after": "1", connection: "close" } });

const notServed = (all: readonly Endpoint[], method: string, url: string): SwitchyardError => {
  const path = url.split("?", 1)[0]!;
  const methods = all.flatMap((each) => (each.path === path ? each.methods : []));
  if (methods.length === 0)
    return new SwitchyardError("request.noSuchEndpoint", { detail: `${method} ${path}` });
  const allow = methods.join(", ");
  return new SwitchyardError("request.wrongMethod", {
    detail: `${method} ${path}; it takes ${allow}`,
    headers: { allow },
  });
};

const asSwitchyardError = (error: FastifyError, context: RouterContext): SwitchyardError => {
  if (error instanceof SwitchyardError) return error;
  if (error.code === "FST_ERR_CTP_BODY_TOO_LARGE") {
    const limit = `${Math.floor(context.config.server.bodyLimit / 1024 / 1024)} MB`;
    // The rest of the body is not read: the connection cannot be used again.
    return new SwitchyardError("request.tooLarge", {
      detail: `the limit is ${limit}`,
      headers: { connection: "close" },
    });
  }
  const status = error.statusCode ?? 500;
  if (status < 500) {
    return new SwitchyardError("request.malformed", {
      detail: error.message,
      http: status,
      type: errorTypeOfStatus(status),
    });
  }
  context.log.error({ err: error }, "a request failed inside the router");
  return new SwitchyardError("internal", { hint: "The router's log says what." });
};

/** The answer to bytes that are no HTTP, to headers beyond all bounds, or to a request that never came to its end. */
const notHttp = (error: Error & { code?: string }): string => {
  const known: Record<string, [number, string]> = {
    HPE_HEADER_OVERFLOW: [431, "Request Header Fields Too Large"],
    // server.requestTimeout
    ERR_HTTP_REQUEST_TIMEOUT: [408, "Request Timeout"],
  };
  const [status, reason] = known[error.code ?? ""] ?? [400, "Bad Request"];
  const message = `The request cannot be read as HTTP (${error.code ?? "unknown"})`;
  const body = JSON.stringify({ type: "error", error: { type: errorTypeOfStatus(status), message } });
  return [
    `HTTP/1.1 ${status} ${reason}`,
    `request-id: ${requestId()}`,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
    "",
    body,
  ].join("\r\n");
};

const sendError = (
  request: FastifyRequest,
  reply: FastifyReply,
  error: SwitchyardError,
  { redact }: RouterContext,
): void => {
  // It may quote what was sent, or what stands in the configuration.
  const message = redact(toldOf(error));
  const failure = { status: error.httpStatus, type: error.type, message };
  if (!reply.hasHeader("request-id")) void reply.header("request-id", requestId());
  void reply.headers(error.headers);
  const google = isGoogleUrl(request.method, request.url);
  if (google || isOpenAiUrl(request.url)) {
    const { status, body } = google ? geminiErrorAnswer(failure) : openAiErrorAnswer(failure);
    void reply.code(status).header("content-type", "application/json; charset=utf-8").send(body);
  } else void reply.code(error.httpStatus).send({ type: "error", error: { type: error.type, message } });
};
