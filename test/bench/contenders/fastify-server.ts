/** Fastify and undici with nothing of ours between. `node fastify-server.ts PORT PROVIDER_PORT` */
import fastify from "fastify";
import { Agent } from "undici";

const [port, providerPort] = process.argv.slice(2).map(Number);
const agent = new Agent({ pipelining: 1 });
const origin = `http://127.0.0.1:${providerPort}`;

const app = fastify({ bodyLimit: 64 << 20 });
app.removeAllContentTypeParsers();
app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
app.get("/", () => "{}");
app.post("/v1/messages", async (request, reply) => {
  const { host: _host, connection: _connection, ...headers } = request.headers;
  const {
    statusCode,
    headers: answered,
    body,
  } = await agent.request({
    origin,
    path: request.url,
    method: "POST",
    headers,
    body: request.body as Buffer,
  });
  const { connection: _kept, "transfer-encoding": _encoding, ...rest } = answered;
  return reply.code(statusCode).headers(rest).send(body);
});
await app.listen({ port: port!, host: "127.0.0.1" });
