/**
 * `switchyard upgrade litellm` and `upgrade cliproxyapi` with the machine's own pip and Go, from an index and a module proxy on loopback. What
 * is installed is small and the test's own: a LiteLLM that answers as its configuration says, a CLIProxyAPI that lists models to who has its key.
 */
import { spawn } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Checkout, checkout } from "../../support/checkout.ts";
import { askingClaude, finished, type Finished, root, type Sandbox, sandbox } from "../../support/cli.ts";
import { type PackageServer, startGoProxy, startPythonIndex } from "../../support/package-servers.ts";

let own: Sandbox;
let place: Checkout;
let server: PackageServer | undefined;
beforeEach(() => {
  own = sandbox();
  own.program("claude", askingClaude("2.1.329"));
  place = checkout("http://127.0.0.1:1");
  cpSync(join(root, "scripts"), join(place.folder, "scripts"), { recursive: true });
  writeFileSync(place.config, mine);
});
afterEach(() => {
  server?.close();
  place.remove();
  own.remove();
});

const mine = "# mine\nroutes:\n  default: demo,echo # for now\n";
const text = (): string => readFileSync(place.config, "utf8");
const cached = (): string[] => readdirSync(join(own.folder, "cache/switchyard")).toSorted();

const upgrade = (what: string, args: readonly string[], env: Record<string, string>): Promise<Finished> => {
  const child = spawn(place.switchyard, ["upgrade", what, ...args], {
    cwd: own.workspace,
    env: { ...own.env, NO_PROXY: "127.0.0.1", no_proxy: "127.0.0.1", ...env },
  });
  child.stdin.end();
  return finished(child);
};

/** What start.py of the project asks of LiteLLM and what stands below it, without the rest. @param answer Python: the text of an answer */
const litellm = (answer: string): Record<string, string> => ({
  "litellm/__init__.py": "class ModelResponse: pass\nclass Usage: pass\n",
  "litellm/integrations/__init__.py": "",
  "litellm/integrations/custom_logger.py": "class CustomLogger: pass\n",
  "litellm/proxy/__init__.py": "",
  "litellm/proxy/_types.py":
    "class LitellmUserRoles: pass\nclass ProxyException(Exception): pass\nclass UserAPIKeyAuth: pass\n",
  "litellm/proxy/common_utils/__init__.py": "",
  "litellm/proxy/common_utils/http_parsing_utils.py": "def _read_request_body(request): pass\n",
  "litellm/proxy/proxy_server.py": "app = None\n",
  "yaml.py":
    "YAMLError = ValueError\ndef safe_load(file): return {'switchyard': {}} if 'switchyard:' in file.read() else {}\n",
  "uvicorn.py": `
import http.server, json, os, re
configured = open(json.loads(os.environ["WORKER_CONFIG"])["config"]).read()
mock = re.search("mock_response: *(.*)", configured).group(1)
class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, body):
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())
    def do_GET(self):
        self.answer({"status": "healthy"})
    do_HEAD = do_GET
    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.answer({"type": "message", "role": "assistant", "content": [{"type": "text", "text": ${answer}}]})
def run(app, host, port, **rest):
    http.server.ThreadingHTTPServer((host, port), Handler).serve_forever()
`,
});

const goesBack = async (what: string, env: Record<string, string>): Promise<void> => {
  expect(await upgrade(what, ["--back"], env)).toMatchObject({ status: 0 });
  expect(text()).toBe(mine);
};

const changedNothing = ({ status, stderr }: Finished): void => {
  expect(stderr).toContain("Nothing was changed: the version before stays.");
  expect(status).toBe(1);
  expect(text()).toBe(mine);
  expect(existsSync(join(own.state, "upgrades.json"))).toBe(false);
};

// An environment of Python with pip takes its time; so does Go that compiles its own library first.
const patience = { timeout: 300_000 };

describe("switchyard upgrade litellm", patience, () => {
  const from = async (answer: string): Promise<Record<string, string>> => {
    server = await startPythonIndex("litellm", { "9.9.8": litellm("mock"), "9.9.9": litellm(answer) });
    // Nothing of the machine's settings leads elsewhere.
    return { PIP_INDEX_URL: `${server.url}/simple/`, PIP_CONFIG_FILE: "/dev/null", PIP_EXTRA_INDEX_URL: "" };
  };

  it("installs the newest of the index, has a turn answered by it, pins it, and goes back to what was", async () => {
    const env = await from("mock");
    const { status, stderr } = await upgrade("litellm", [], env);
    expect(stderr).toContain("installing LiteLLM 9.9.9 from PyPI");
    expect(stderr).toContain("-> 9.9.9; it works");
    expect(status).toBe(0);
    expect(text()).toBe(`${mine}stack:\n  litellm:\n    version: 9.9.9\n`);
    expect(cached().filter((name) => name.startsWith("litellm-"))).toEqual([
      expect.stringMatching(/^litellm-9\.9\.9-\w{6}$/),
    ]);
    await goesBack("litellm", env);
  });

  it("changes nothing where the new one answers something else, and shows what it said", async () => {
    const ended = await upgrade("litellm", [], await from("'nonsense'"));
    expect(ended.stderr).toMatch(/the turn's answer is not the one that was sent: .*nonsense/);
    changedNothing(ended);
  });
});

/** A server of one answer, on what the configuration names. @param without status for who has no key */
const cliproxyapi = (without: string): Record<string, string> => ({
  "cmd/server/main.go": `package main

import (
	"bufio"
	"net"
	"os"
	"regexp"
	"strings"
)

var Version string

func main() {
	text, _ := os.ReadFile(os.Args[2])
	port := regexp.MustCompile("port: *([0-9]+)").FindStringSubmatch(string(text))[1]
	key := regexp.MustCompile("sw-[0-9a-f]+").FindString(string(text))
	listener, _ := net.Listen("tcp", "127.0.0.1:"+port)
	for {
		connection, _ := listener.Accept()
		reader := bufio.NewReader(connection)
		status := "${without}"
		for {
			line, _ := reader.ReadString('\\n')
			if strings.Contains(line, key) {
				status = "200 OK"
			}
			if strings.TrimSpace(line) == "" {
				break
			}
		}
		connection.Write([]byte("HTTP/1.1 " + status + "\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\n{}"))
		connection.Close()
	}
}
`,
});

describe("switchyard upgrade cliproxyapi", patience, () => {
  const module = "github.com/router-for-me/CLIProxyAPI/v6";
  const from = async (without: string): Promise<Record<string, string>> => {
    const versions = { "v6.9.16": cliproxyapi("401 No"), "v6.999.0": cliproxyapi(without) };
    server = await startGoProxy(module, versions);
    // The pinned go.mod names what the real one needs.
    const pinned = `module pinned\n\ngo 1.19\n\nrequire ${module} v6.9.16\n`;
    writeFileSync(join(place.folder, "images/cliproxyapi/go.mod"), pinned);
    writeFileSync(join(place.folder, "images/cliproxyapi/go.sum"), "");
    // What it serves must not be left where the other tests' real modules are kept.
    const apart = { SWITCHYARD_GO_CACHE: "" };
    return { ...apart, GOPROXY: server.url, GOSUMDB: "off", GOENV: "off", GONOPROXY: "", GOPRIVATE: "" };
  };

  it("builds the newest of the proxy, has it list its models, pins it, and goes back to what was", async () => {
    const env = await from("401 No");
    const { status, stderr } = await upgrade("cliproxyapi", [], env);
    expect(stderr).toContain("building CLIProxyAPI 6.999.0");
    expect(stderr).toContain("-> 6.999.0; it works");
    expect(status).toBe(0);
    expect(text()).toBe(`${mine}stack:\n  cliproxyapi:\n    version: 6.999.0\n`);
    expect(cached().filter((name) => name.startsWith("cliproxyapi-"))).toEqual([
      expect.stringMatching(/^cliproxyapi-6\.999\.0-\w+$/),
    ]);
    await goesBack("cliproxyapi", env);
  });

  it("changes nothing where the new one lists its models to everybody", async () => {
    const ended = await upgrade("cliproxyapi", [], await from("200 OK"));
    expect(ended.stderr).toContain("without a key it answers with status 200 instead of 401");
    changedNothing(ended);
  });
});
