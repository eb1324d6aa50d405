/** `switchyard doctor` on a machine that has nothing wrong, what it shows of what it finds, and `--fix`. Every failure, made on purpose, is in doctor/failures.test.ts. */
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checks, examine } from "../../src/cli/doctor/index.ts";
import type { Finding, Found, Patient } from "../../src/cli/doctor/check.ts";
import { checkout } from "../support/checkout.ts";
import { finished, type Sandbox, sandbox } from "../support/cli.ts";
import { lookAt, patientOf } from "../support/doctor.ts";
import { startRefusingProvider } from "../support/provider/refusing.ts";
import type { ScriptedProvider } from "../support/provider/server.ts";
import { selfSigned } from "../support/self-signed.ts";

let own: Sandbox;
beforeEach(() => {
  own = sandbox();
});
afterEach(() => own.remove());

const patient = (over: Partial<Patient> = {}, yaml?: string): Patient => patientOf(own, over, yaml);

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
      ["config", "state", "disk", "ports", "settings", "clock", "ca"].map((name) => lookAt(name, patient())),
    );
    expect(healthy.flat().filter(({ state }) => state !== "ok")).toEqual([]);
  });

  it("a disk that is nearly full, and one that is full", async () => {
    const nearly = await lookAt("disk", patient({ freeBytes: () => 600 * 1024 * 1024 }));
    expect(nearly).toEqual([
      expect.objectContaining({ state: "note", found: expect.stringContaining("600 MB") }),
    ]);
    const full = await lookAt("disk", patient({ freeBytes: () => 5 * 1024 * 1024 }));
    expect(todoOf(full, "bad")).toContain("Make room");
  });

  it("a router of Switchyard on its own port in order", async () => {
    const server = createServer((_request, answer) => answer.end('{"service":"switchyard"}'));
    await new Promise<void>((done) => void server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as AddressInfo;
    const found = await lookAt("ports", patient({}, `server: { port: ${port} }\n`));
    expect(found).toEqual([expect.objectContaining({ state: "ok" })]);
    server.close();
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
      const found = await lookAt(
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

  it("certificates that have expired", async () => {
    const file = join(own.folder, "ca.pem");
    writeFileSync(file, selfSigned(["provider.test"]).certificate);
    const of = patient();
    const env = { ...of.env, SSL_CERT_FILE: file };
    expect(await lookAt("ca", { ...of, env })).toEqual([expect.objectContaining({ state: "ok" })]);
    const later = { ...of, env, now: () => Date.now() + 100 * 365 * 86_400_000 };
    expect(await lookAt("ca", later)).toEqual([
      expect.objectContaining({ state: "bad", found: expect.stringContaining("expired") }),
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

  it("asks a provider that a profile alone names, as soon as its key is set", async () => {
    const place = checkout(provider.url);
    const child = spawn(place.switchyard, ["doctor", "--json", "--online"], {
      cwd: own.workspace,
      env: { ...own.env, ZAI_API_KEY: "right-key" },
    });
    const { stdout } = await finished(child);
    place.remove();
    expect(JSON.parse(stdout)).toContainEqual({
      about: "providers",
      state: "ok",
      found: expect.stringMatching(/^zai answers/),
    });
    // The check of the clock asks it, too, and sends no key.
    const keys = provider.requests.flatMap(({ headers }) => headers.authorization ?? []);
    expect(keys).toEqual(["Bearer right-key"]);
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
