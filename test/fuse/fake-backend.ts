/**
 * Stands for a backend in tests of its supervision: listens on the port of its first argument, does what `mode` says. As a router
 * it says where it listens; `quiet` it does not, as LiteLLM, and is ready at /health/readiness.
 * GET /crash ends it with status 3, GET /pid and GET /stdin say what their names say.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const [port = "0", mode = ""] = process.argv.slice(2);
let stdin = "";
process.stdin.setEncoding("utf8").on("data", (text: string) => (stdin += text));
if (mode === "die") {
  process.stderr.write('{"level":50,"msg":"the disk is on fire"}\nplain words\n');
  process.exit(9);
}
if (mode === "trace") {
  const frame = '  File "/opt/x.py", line 1, in <module>\n    import x\n    ^^^^^^^^\n';
  process.stderr.write(`Traceback (most recent call last):\n${frame}ImportError: no such module\n`);
  process.exit(9);
}
if (mode === "stubborn") process.on("SIGTERM", () => undefined);
if (mode === "lifeline") process.stdin.on("close", () => process.exit(0));

const readyPath = mode === "quiet" ? "/health/readiness" : "/ready";
let readyAfter = mode === "slow" ? 3 : 0;
const server = createServer((request, response) => {
  if (request.url === readyPath) {
    response.writeHead(readyAfter-- > 0 ? 503 : 200).end();
    return;
  }
  if (request.url === "/crash") process.exit(3);
  response.end(request.url === "/stdin" ? stdin : String(process.pid));
});
server.on("error", () => process.exit(4));
server.listen(Number(port), "127.0.0.1", () => {
  process.stderr.write(`{"level":30,"msg":"up as ${process.pid}"}\n`);
  if (mode === "mute") return;
  if (mode === "quiet") {
    process.stdout.write("a banner\n");
    return;
  }
  process.stdout.write(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
