/** `switchyard doctor`: every check on a machine that has nothing wrong, and on each failure, made on purpose. */
import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checks, examine } from "../../src/cli/doctor/index.ts";
import type { Check, Finding, Found, Patient } from "../../src/cli/doctor/check.ts";
import type { Loaded } from "../../src/cli/configuration.ts";
import { resolveConfig } from "../../src/config/resolve.ts";
import { readConfigSource } from "../../src/config/source.ts";
import { type Sandbox, sandbox } from "../support/cli.ts";
import { startRefusingProvider } from "../support/provider/refusing.ts";
import type { ScriptedProvider } from "../support/provider/server.ts";
import { selfSigned } from "../support/self-signed.ts";

let own: Sandbox;
beforeEach(() => {
  own = sandbox();
});
afterEach(() => own.remove());

/** The sandbox's machine, on which nothing is wrong, with a configuration of the test's. */
const patient = (over: Partial<Patient> = {}, yaml = "server: { port: 0 }\n"): Patient => {
  const env = { HOME: own.home, PATH: own.env["PATH"], ZAI_API_KEY: "zai-of-the-test" };
  const source = readConfigSource({ env, keyFiles: false, fileText: yaml });
  const loaded: Loaded = {
    config: resolveConfig(source),
    source,
    root: own.folder,
    project: "doctor-test",
    stateDir: own.state,
  };
  return {
    env,
    workspace: own.workspace,
    online: false,
    loaded,
    configProblem: undefined,
    engine: undefined,
    engineProblem: new Error("no engine answers"),
    freeBytes: () => 1e12,
    managedSettings: [],
    now: Date.now,
    ...over,
  };
};

const check = (name: string): Check => {
  const found = checks.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no check ${name}`);
  return found;
};
const look = async (name: string, of: Patient): Promise<readonly Found[]> => check(name).run(of);

describe("the list of checks", () => {
  it("has each name once, and says of each what it looks at", () => {
    expect(new Set(checks.map(({ name }) => name)).size).toBe(checks.length);
    for (const { about } of checks) expect(about).toMatch(/^\w.{5,}[^.]$/);
  });

  it.each(checks.map((each) => [each.name, each] as const))(
    "%s goes on where there is no configuration and no engine",
    async (_name, { run }) => {
      const found = await run(patient({ loaded: undefined, configProblem: new Error("it is gone") }));
      for (const { found: words } of found) expect(words).not.toBe("");
    },
  );

  it("one check that fails is a finding, and the others still look", async () => {
    const findings = await examine(
      patient({
        freeBytes: () => {
          throw new Error("no such disk");
        },
      }),
    );
    expect(findings).toContainEqual({
      about: "disk",
      state: "bad",
      found: "the check itself failed: no such disk",
    });
    expect(findings.map(({ about }) => about)).toContain("settings");
  });
});

const todoOf = (found: readonly Found[], state: Found["state"]): string | undefined =>
  found.find((each) => each.state === state)?.todo;

describe("doctor finds", () => {
  it("no word against a machine on which nothing is wrong", async () => {
    const healthy = await Promise.all(
      ["config", "state", "disk", "ports", "settings", "clock", "ca"].map((name) => look(name, patient())),
    );
    expect(healthy.flat().filter(({ state }) => state !== "ok")).toEqual([]);
  });

  it("a disk that is nearly full, and one that is full", async () => {
    const nearly = await look("disk", patient({ freeBytes: () => 600 * 1024 * 1024 }));
    expect(nearly).toEqual([
      expect.objectContaining({ state: "note", found: expect.stringContaining("600 MB") }),
    ]);
    const full = await look("disk", patient({ freeBytes: () => 5 * 1024 * 1024 }));
    expect(todoOf(full, "bad")).toContain("Make room");
  });

  it("a port that somebody else holds, and who it is", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((done) => server.once("listening", done));
    const { port } = server.address() as AddressInfo;
    const found = await look("ports", patient({}, `server: { port: ${port} }\n`));
    expect(found).toEqual([
      expect.objectContaining({ state: "bad", found: expect.stringContaining(`process ${process.pid}`) }),
    ]);
    server.close();
    server.closeAllConnections();
  });

  it("a router of Switchyard on its own port in order", async () => {
    const server = createServer((_request, answer) => answer.end('{"service":"switchyard"}'));
    await new Promise<void>((done) => void server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as AddressInfo;
    const found = await look("ports", patient({}, `server: { port: ${port} }\n`));
    expect(found).toEqual([expect.objectContaining({ state: "ok" })]);
    server.close();
  });

  it("a lock of a process that is gone, and --fix removes it; one that is held stays", async () => {
    const folder = join(own.state, "compose");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "stack.lock"), "4194000");
    writeFileSync(join(folder, "held.lock"), String(process.pid));
    const stale = (await look("state", patient())).filter(({ fix }) => fix !== undefined);
    expect(stale).toEqual([expect.objectContaining({ found: expect.stringContaining("process 4194000") })]);
    await stale[0]!.fix!.run();
    expect([existsSync(join(folder, "stack.lock")), existsSync(join(folder, "held.lock"))]).toEqual([
      false,
      true,
    ]);
  });

  it.each([
    ["user", () => join(own.home, ".claude/settings.json"), "note"],
    ["project", () => join(own.workspace, ".claude/settings.json"), "note"],
    ["project's own", () => join(own.workspace, ".claude/settings.local.json"), "note"],
    ["managed", () => join(own.folder, "managed-settings.json"), "bad"],
  ] as const)(
    "settings of the %s that send the client elsewhere, without their keys",
    async (_whose, file, state) => {
      mkdirSync(join(file(), ".."), { recursive: true });
      writeFileSync(
        file(),
        JSON.stringify({
          env: {
            ANTHROPIC_BASE_URL: "https://user:hidden@elsewhere.test/x?k=hidden",
            ANTHROPIC_AUTH_TOKEN: "hidden",
          },
          apiKeyHelper: "echo hidden",
        }),
      );
      const found = await look(
        "settings",
        patient({ managedSettings: [join(own.folder, "managed-settings.json")] }),
      );
      expect(found).toHaveLength(1);
      expect(found[0]).toMatchObject({ state });
      expect(found[0]!.found).toContain(
        "ANTHROPIC_BASE_URL=https://elsewhere.test/x, ANTHROPIC_AUTH_TOKEN, apiKeyHelper",
      );
      expect(JSON.stringify(found)).not.toContain("hidden");
    },
  );

  it("settings that are no JSON", async () => {
    mkdirSync(join(own.home, ".claude"));
    writeFileSync(join(own.home, ".claude/settings.json"), "{ env: ");
    expect(await look("settings", patient())).toEqual([
      expect.objectContaining({ state: "note", found: expect.stringContaining("no JSON") }),
    ]);
  });

  it("variables of this environment that send a client elsewhere", async () => {
    const of = patient();
    const found = await look("settings", {
      ...of,
      env: { ...of.env, ANTHROPIC_BASE_URL: "http://proxy.test" },
    });
    expect(found[0]).toMatchObject({ state: "note", found: expect.stringContaining("http://proxy.test") });
  });

  it("a clock that is behind this checkout's own files", async () => {
    const found = await look("clock", patient({ now: () => Date.parse("2001-01-01T00:00:00Z") }));
    expect(todoOf(found, "bad")).toContain("NTP");
  });

  const outside = (port: number): string =>
    `server: { port: 0 }\nproviders: { there: { dialect: openai-chat, baseUrl: "http://127.0.0.1:${port}/v1", keys: [] } }\nroutes: { default: "there,m", longContext: , background: , webSearch: , think: }\naliases: { qwen-coder: }\n`;

  it("a clock that is far from a provider's", async () => {
    const server = createServer((_request, answer) => answer.writeHead(404).end());
    await new Promise<void>((done) => void server.listen(0, "127.0.0.1", done));
    const yaml = outside((server.address() as AddressInfo).port);
    const late = await look("clock", patient({ online: true, now: () => Date.now() + 3_600_000 }, yaml));
    expect(late).toEqual([
      expect.objectContaining({ state: "bad", found: expect.stringContaining("60 min") }),
    ]);
    expect(await look("clock", patient({ online: true }, yaml))).toEqual([
      expect.objectContaining({ state: "ok", found: expect.stringContaining("127.0.0.1") }),
    ]);
    server.close();
  });

  it("a provider's name that nobody knows; behind a proxy that is only to be noted", async () => {
    const yaml = outside(1).replace("127.0.0.1:1", "nobody.invalid");
    const of = patient({ online: true }, yaml);
    expect(await look("dns", of)).toEqual([
      expect.objectContaining({ state: "bad", found: expect.stringContaining("nobody.invalid") }),
    ]);
    expect(await look("dns", { ...of, env: { ...of.env, HTTPS_PROXY: "http://127.0.0.1:1" } })).toEqual([
      expect.objectContaining({ state: "note" }),
    ]);
  });

  it.each([
    ["is not there", undefined, "cannot be read (ENOENT)"],
    ["holds no certificate", "hello", "no certificate"],
    ["holds a damaged one", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "damaged"],
  ])("a file of certificates that %s", async (_case, text, words) => {
    const file = join(own.folder, "ca.pem");
    if (text !== undefined) writeFileSync(file, text);
    const of = patient();
    expect(await look("ca", { ...of, env: { ...of.env, NODE_EXTRA_CA_CERTS: file } })).toEqual([
      expect.objectContaining({ state: "bad", found: expect.stringContaining(words) }),
    ]);
  });

  it("certificates that have expired", async () => {
    const file = join(own.folder, "ca.pem");
    writeFileSync(file, selfSigned(["provider.test"]).certificate);
    const of = patient();
    const env = { ...of.env, SSL_CERT_FILE: file };
    expect(await look("ca", { ...of, env })).toEqual([expect.objectContaining({ state: "ok" })]);
    const later = { ...of, env, now: () => Date.now() + 100 * 365 * 86_400_000 };
    expect(await look("ca", later)).toEqual([
      expect.objectContaining({ state: "bad", found: expect.stringContaining("expired") }),
    ]);
  });

  it("a client of another version than the one that Switchyard was tried with", async () => {
    const found = await look("client", patient({}, "stack: { client: { version: 2.0.1 } }\n"));
    expect(found.map(({ todo }) => todo)).toContainEqual(
      expect.stringMatching(/switchyard upgrade client --to 2\.1\.\d+/),
    );
  });

  it("a local server that does not listen", async () => {
    const found = await look("local", patient({}, outside(1)));
    expect(found).toEqual([
      expect.objectContaining({ state: "note", found: expect.stringContaining("127.0.0.1:1") }),
    ]);
  });
});

describe("doctor --online", () => {
  let provider: ScriptedProvider;
  beforeEach(async () => {
    provider = await startRefusingProvider("OK");
  });
  afterEach(() => provider.close());

  const findings = async (keys: string[]): Promise<Finding[]> => {
    const file = join(own.folder, "own.yaml");
    writeFileSync(
      file,
      `server: { port: 0 }\nproviders:\n  there: { dialect: openai-chat, baseUrl: "${provider.url}/v1", keys: ${JSON.stringify(keys.map((_key, i) => `\${KEY_${i}}`))} }\nroutes: { default: ["there,model-1", "demo,echo"] }\n`,
    );
    const env = Object.fromEntries(keys.map((key, i) => [`KEY_${i}`, key]));
    const { stdout } = await own.run(["doctor", "--json", "--online", "--config", file], { env });
    return (JSON.parse(stdout) as Finding[]).filter(({ about }) => about === "providers");
  };

  it("says that a provider answers, with which model, and how fast", async () => {
    expect(await findings(["right-key-1"])).toEqual([
      {
        about: "providers",
        state: "ok",
        found: expect.stringMatching(/^there answers \(model-1, \d+ ms\)$/),
      },
    ]);
  });

  it("finds a key that is refused, though the demo stands behind it in the route", async () => {
    expect(await findings(["wrong-key-1"])).toEqual([
      expect.objectContaining({
        state: "bad",
        found: expect.stringMatching(/there does not answer.*no such key/),
      }),
    ]);
  });

  it("finds the one of several keys that is refused", async () => {
    const [found] = await findings(["right-key-1", "wrong-key-2222"]);
    expect(found).toMatchObject({ state: "note", found: expect.stringContaining("2222") });
    expect(found!.found).not.toContain("wrong-key-2222");
  });
});

describe("switchyard doctor --fix", () => {
  it("makes the file of keys private, and then looks at what it hid", async () => {
    const folder = join(own.home, ".config/switchyard");
    mkdirSync(folder, { recursive: true });
    const file = join(folder, "keys.env");
    writeFileSync(file, "GEMINI_API_KEY=gem-of-the-test\n");
    chmodSync(file, 0o644);
    const before = await own.run(["doctor", "--json"]);
    expect(before.status).toBe(1);
    expect(JSON.parse(before.stdout)).toContainEqual(
      expect.objectContaining({ about: "config", state: "bad", fix: `give ${file} the mode 600` }),
    );
    const after = await own.run(["doctor", "--json", "--fix"]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(after.stderr).toContain("done: give");
    expect(JSON.parse(after.stdout)).toContainEqual({ about: "keys", state: "ok", found: "gemini: 1 set" });
  });
});
