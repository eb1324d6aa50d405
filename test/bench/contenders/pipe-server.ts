/**
 * The floor: what node:http and undici cost when nothing is done but passing bytes. `node pipe-server.ts PORT PROVIDER_PORT [parse | WORKERS]`; with `parse` the
 * body is read as JSON first, with a number so many processes share the port, and nothing else.
 */
import cluster from "node:cluster";
import { createServer } from "node:http";
import { Agent } from "undici";

const [port, providerPort] = process.argv.slice(2, 4).map(Number);
const parses = process.argv[4] === "parse";
const workers = Number(process.argv[4]) || 1;
const agent = new Agent({ pipelining: 1 });
const origin = `http://127.0.0.1:${providerPort}`;

const server = createServer((request, response) => {
  if (request.method === "GET") return void response.end("{}");
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    const body = Buffer.concat(parts);
    if (parses) JSON.parse(body.toString("utf8"));
    const { host: _host, connection: _connection, ...headers } = request.headers;
    agent.dispatch(
      { origin, path: request.url!, method: "POST", headers, body },
      {
        onRequestStart: () => {},
        onResponseStart: (_controller, status, headers) => {
          const { connection: _connection, "transfer-encoding": _encoding, ...kept } = headers;
          response.writeHead(status, kept as Record<string, string>);
        },
        onResponseData: (controller, chunk) => {
          if (!response.write(chunk)) {
            controller.pause();
            response.once("drain", () => controller.resume());
          }
        },
        onResponseEnd: () => response.end(),
        onResponseError: () => response.destroy(),
      },
    );
  });
  return undefined;
});

if (workers > 1 && cluster.isPrimary) for (let i = 0; i < workers; i++) cluster.fork();
else server.listen({ port, host: "127.0.0.1", reusePort: workers > 1 });
