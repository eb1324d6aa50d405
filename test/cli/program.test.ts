/** The command line as a user meets it. */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commands } from "../../src/cli/commands/index.ts";
import { finished, root, sandbox, until, untilPrinted, type Sandbox } from "../support/cli.ts";

let own: Sandbox;
beforeAll(() => {
  own = sandbox();
});
afterAll(() => own.remove());

const noStack = /\n\s+at /;

describe("switchyard", () => {
  it("prints the version of package.json", async () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
    expect(await own.run(["--version"])).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: "" });
  });

  it("lists every command in its help, on stdout", async () => {
    const { status, stdout } = await own.run(["--help"]);
    expect(status).toBe(0);
    for (const { name, hidden } of commands)
      expect(new RegExp(`^  ${name}\\b`, "m").test(stdout), name).toBe(hidden !== true);
  });

  it.each(commands.map(({ name }) => name))("%s --help says how it is used", async (name) => {
    const { status, stdout } = await own.run([name, "--help"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Usage: switchyard ${name}`));
  });

  it.each([
    [["shel"], /unknown command 'shel' \(Did you mean shell\?\)/],
    [["router", "--prot", "1"], /unknown option '--prot' \(Did you mean --port\?\)/],
    [["--verson"], /unknown option '--verson'/],
    [["router", "extra"], /too many arguments/],
    [["router", "--port", "70000"], /argument '70000' is invalid/],
    [["shell"], /missing required argument 'backend'/],
    [["shell", "routr"], /'routr' is invalid.*router/],
    [["shell", "router", "--runtime", "moon"], /Allowed choices are auto, docker, host/],
    [["secrets", "unsett", "X"], /unknown command 'unsett' \(Did you mean unset\?\)/],
    [["secrets", "set", "not-a-name"], /letters, digits and _/],
    [["route", "/nonexistent"], /\/nonexistent cannot be read \(ENOENT\)/],
    [["router", "--config", "/nonexistent.yaml"], /\/nonexistent\.yaml \(ENOENT\)/],
    [["shell", "router", "--workspace", "/nonexistent"], /\/nonexistent: it is not there/],
  ])("%j is wrong use: status 2, one clear message on stderr, nothing on stdout", async (args, message) => {
    const { status, stdout, stderr } = await own.run(args, { input: "value" });
    expect(status).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^switchyard: /);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(noStack);
  });

  it.each([
    [
      ["secrets", "set", "NAME", "sk-of-the-test"],
      "too many arguments for 'set'. Expected 1 argument but got 2",
    ],
    [["secrets", "NAME=sk-of-the-test"], "unknown command 'NAME=…'"],
    [["secrets", "set", "--NAME=sk-of-the-test"], "unknown option '--NAME=…'"],
    [["secrets", "set", "NAME=sk-of-the-test"], "letters, digits and _"],
  ])("a key that is typed as an argument is not repeated: %#", async (args, message) => {
    const { status, stdout, stderr } = await own.run(args, { input: "value" });
    expect(status).toBe(2);
    expect(stderr).toContain(message);
    expect(stdout + stderr).not.toContain("sk-of-the-test");
  });

  it("without a command it shows the help on stderr, status 2", async () => {
    const { status, stdout, stderr } = await own.run([]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/^Usage: switchyard/);
  });

  it("a broken configuration is told with its line, before anything starts", async () => {
    const file = join(own.folder, "broken.yaml");
    writeFileSync(file, "server:\n  prot: 1\n");
    for (const args of [
      ["router"],
      ["shell", "router", "--runtime", "host"],
      ["up"],
      ["switch", "litellm"],
    ]) {
      const { status, stderr } = await own.run([...args, "--config", file]);
      expect(status).toBe(2);
      expect(stderr).toMatch(/broken\.yaml:2:\d+.*prot/);
    }
  });

  it("what runs is shown with a broken configuration too, and its error beside it", async () => {
    const file = join(own.folder, "broken.yaml");
    writeFileSync(file, "stack: { project: my-project }\nserver:\n  prot: 1\n");
    const { status, stdout, stderr } = await own.run(["status", "--config", file]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^project +my-project$/m);
    expect(stderr).toMatch(/broken\.yaml:3:\d+.*prot/);
  });
});

describe("switchyard router", () => {
  it("prints one line with its address on stdout, answers, and ends with status 0 at SIGTERM", async () => {
    const child = own.start(["router", "--port", "0"]);
    const end = finished(child);
    const [, url] = await untilPrinted(child, "stdout", /^listening on (http:\/\/127\.0\.0\.1:\d+)\n$/);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    child.kill("SIGTERM");
    expect(await end).toMatchObject({ status: 0, stdout: `listening on ${url}\n` });
  });

  it("ends when its stdin is closed, where that was asked for", async () => {
    const child = own.start(["router", "--port", "0", "--end-with-stdin"]);
    const end = finished(child);
    await untilPrinted(child, "stdout", /^listening on /);
    child.stdin?.end();
    expect((await end).status).toBe(0);
  });

  it("takes its keys from stdin, and no key from its environment then", async () => {
    const file = join(own.folder, "keys.yaml");
    writeFileSync(
      file,
      'providers: { a: { preset: openai, keys: ["${FROM_STDIN}"] }, b: { preset: openai, keys: ["${FROM_ENV}"] } }\n',
    );
    const args = ["router", "--port", "0", "--keys-stdin", "--config", file];
    const child = own.start(args, { env: { FROM_ENV: "sk-environment-1" } });
    const end = finished(child);
    child.stdin?.write('{"FROM_STDIN":"sk-stdin-1"}\n');
    await untilPrinted(child, "stdout", /^listening on /);
    child.kill("SIGTERM");
    const { stderr } = await end;
    expect(stderr).toContain("Provider b is disabled: FROM_ENV is not set");
    expect(stderr).not.toContain("Provider a is disabled");
  });

  it.each(["", "no json", "[]", '{"A":1}'])("--keys-stdin refuses %j, without repeating it", async (line) => {
    const { status, stderr } = await own.run(["router", "--port", "0", "--keys-stdin"], {
      input: `${line}\n`,
    });
    expect(status).toBe(2);
    expect(stderr).toContain("the line of stdin is not a JSON object of strings");
    if (line.length > 2) expect(stderr).not.toContain(line);
  });

  it("a session's key is needed where one was made, and accepted beside the configured ones", async () => {
    const child = own.start(["router", "--port", "0", "--keys-stdin"]);
    const end = finished(child);
    child.stdin?.write(
      '{"SWITCHYARD_SESSION_KEY":"sw-session-key","SWITCHYARD_CLIENT_KEY":"configured-key"}\n',
    );
    const [, url] = await untilPrinted(child, "stdout", /^listening on (\S+)\n$/);
    const models = async (key: string): Promise<number> =>
      (await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status;
    expect(await models("sw-session-key")).toBe(200);
    expect(await models("configured-key")).toBe(200);
    expect(await models("another")).toBe(401);
    child.kill("SIGTERM");
    await end;
  });

  it("a port that is taken is said, with what to do", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await until(() => server.listening, "the server");
    const { port } = server.address() as AddressInfo;
    const { status, stdout, stderr } = await own.run(["router", "--port", String(port)]);
    server.close();
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain(`The port is already in use: 127.0.0.1:${port}`);
  });
});

describe("switchyard secrets", () => {
  it("keeps a key from stdin in a file of the user alone, names it, and forgets it; its value is never printed", async () => {
    const value = "sk-very-secret-value-1";
    const set = await own.run(["secrets", "set", "OPENROUTER_API_KEY"], { input: `${value}\n` });
    expect(set).toMatchObject({ status: 0, stdout: "" });
    const file = join(own.home, ".config/switchyard/keys.env");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, "utf8")).toBe(`OPENROUTER_API_KEY=${value}\n`);
    const list = await own.run(["secrets", "list"]);
    expect(list.stdout).toBe("OPENROUTER_API_KEY\n");
    const unset = await own.run(["secrets", "unset", "OPENROUTER_API_KEY"]);
    expect(unset.status).toBe(0);
    expect((await own.run(["secrets", "unset", "OPENROUTER_API_KEY"])).status).toBe(1);
    expect(JSON.stringify([set, list, unset])).not.toContain(value);
  });
});

describe("switchyard route", () => {
  it("says which rule decides, and calls nobody", async () => {
    const request = { model: "claude-haiku-4-5", max_tokens: 8, messages: [{ role: "user", content: "hi" }] };
    const told = await own.run(["route", "-", "--json"], { input: JSON.stringify(request) });
    expect(told.status).toBe(0);
    expect(JSON.parse(told.stdout)).toMatchObject({ rule: "background", targets: ["demo,echo"] });
    const plain = await own.run(["route", "-"], { input: JSON.stringify(request) });
    expect(plain.stdout).toMatch(/^rule {5}background\ntargets {2}demo,echo$/m);
  });

  it("explains rules of one's own, for the headers that are given", async () => {
    const file = join(own.folder, "rules.yaml");
    writeFileSync(
      file,
      'routes: { default: "demo,usual" }\nrules: [{ name: sub, when: { subagent: true }, use: "demo,small" }]\nrulesScript: ./rules.ts\n',
    );
    writeFileSync(
      join(own.folder, "rules.ts"),
      "export default (request: object): null => { throw new Error(typeof request); };\n",
    );
    const input = JSON.stringify({
      model: "claude-x",
      max_tokens: 8,
      messages: [{ role: "user", content: "hi" }],
    });
    const plain = await own.run(["route", "-", "--config", file], { input });
    expect(plain.stdout).toMatch(/^ {2}· custom:sub +no subagent asks$/m);
    expect(plain.stdout).toMatch(
      /^ {2}· custom:script +the script did not decide: Error: object \(rules\.ts, line 1\)$/m,
    );
    const header = ["-H", "x-claude-code-agent-id: a1"];
    expect((await own.run(["route", "-", "--config", file, ...header], { input })).stdout).toMatch(
      /^rule {5}custom:sub\ntargets {2}demo,small$/m,
    );
    const wrong = await own.run(["route", "-", "-H", "nonsense"], { input });
    expect([wrong.status, wrong.stderr]).toEqual([
      2,
      expect.stringContaining("--header nonsense is no header"),
    ]);
  });

  it("says what is wrong with a request", async () => {
    const { status, stderr } = await own.run(["route", "-"], { input: '{"messages":[]}' });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^switchyard: The request body is not valid: model/);
  });
});

describe("switchyard doctor, status, compose and logs", () => {
  it("doctor names the variable of each provider that a route uses and that has no key", async () => {
    const { status, stdout } = await own.run(["doctor", "--json"]);
    expect(status).toBe(0);
    const findings = JSON.parse(stdout) as { about: string; state: string; todo?: string }[];
    expect(
      findings.flatMap(({ about, todo }) => (about === "keys" && todo !== undefined ? [todo] : [])),
    ).toEqual(
      expect.arrayContaining([
        expect.stringContaining("OPENROUTER_API_KEY"),
        expect.stringContaining("GEMINI_API_KEY"),
      ]),
    );
  });

  it("doctor fails with a configuration that is not valid, and still looks at the rest", async () => {
    const { status, stdout } = await own.run(["doctor", "--json", "--config", "/nonexistent.yaml"]);
    expect(status).toBe(1);
    const findings = JSON.parse(stdout) as { about: string; state: string }[];
    expect(findings).toContainEqual(expect.objectContaining({ about: "config", state: "bad" }));
    expect(findings.map(({ about }) => about)).toContain("engine");
  });

  it("status says that nothing runs", async () => {
    const { status, stdout } = await own.run(["status", "--json"]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ stateDir: own.state, hostShells: [] });
  });

  it("the committed compose files are what the configuration says, whatever this environment holds", async () => {
    const env = { GEMINI_API_KEY: "AIza-not-a-real-one", OPENROUTER_API_KEY: "sk-or-not-a-real-one" };
    expect(await own.run(["compose", "--check"], { env })).toMatchObject({ status: 0, stderr: "" });
  });

  it("logs says so where nothing has run", async () => {
    const { status, stdout, stderr } = await own.run(["logs"]);
    expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
    expect(stderr).toContain("there is no log yet");
  });
});
