/** Failures of the machine, the configuration and its providers: for each check of them the cases in which it finds something. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Patient } from "../../../src/cli/doctor/check.ts";
import { lockText } from "../../../src/shared/lock.ts";
import { patientOf, providerAt } from "../../support/doctor.ts";
import { startRefusingProvider } from "../../support/provider/refusing.ts";
import { startProvider } from "../../support/provider/server.ts";
import { selfSigned } from "../../support/self-signed.ts";
import { at, ends, type Failure, listen, own, put } from "./world.ts";

const certificates = (
  what: string,
  words: RegExp,
  text?: () => string,
  over: Partial<Patient> = {},
): Failure => ({
  what,
  make: () => {
    const file = at("ca.pem");
    if (text !== undefined) put(file, text());
    return () => patientOf(own, { ...over, env: { NODE_EXTRA_CA_CERTS: file } });
  },
  state: "bad",
  words,
});

const settings = (
  what: string,
  state: Failure["state"],
  file: () => string,
  words: RegExp,
  text?: string,
): Failure => ({
  what,
  make: () => {
    put(file(), text ?? '{"env":{"ANTHROPIC_BASE_URL":"https://elsewhere.test"}}');
    return () => patientOf(own, { managedSettings: [at("managed-settings.json")] });
  },
  state,
  words,
});

const answering = (what: string, words: RegExp, yaml: () => Promise<string>): Failure => ({
  what,
  make: async () => {
    const text = await yaml();
    return () => patientOf(own, { online: true, env: { KEY: "wrong-key", ZAI_API_KEY: "" } }, text);
  },
  state: "bad",
  words,
});

export const machineFailures: Record<string, Failure[]> = {
  node: [
    {
      what: "a Node that is too old",
      make: () => () => patientOf(own, { nodeVersion: "v20.20.2" }),
      state: "bad",
      words: /v20\.20\.2 .* is older than 24/,
    },
  ],
  config: [
    {
      what: "a file that is not valid",
      make: () => () => patientOf(own, {}, "routes: { default: 'nobody,m' }\n"),
      state: "bad",
      words: /own\.yaml:1:20 .*there is no provider "nobody"/,
    },
    {
      what: "a file of keys that others can read",
      make: () => {
        put(join(own.home, ".config/switchyard/keys.env"), "A=b\n", 0o644);
        return () => patientOf(own, {}, "{}\n", true);
      },
      state: "bad",
      words: /has mode 0644/,
      fixed: () => (statSync(join(own.home, ".config/switchyard/keys.env")).mode & 0o777) === 0o600,
    },
  ],
  keys: [
    {
      what: "a provider of a route whose key is not set",
      make: () => () => patientOf(own, {}, "routes: { default: 'openrouter,m' }\n"),
      state: "note",
      words: /openrouter is skipped/,
    },
    {
      what: "no key at all",
      make: () => () => patientOf(own, { env: { ZAI_API_KEY: "" } }),
      state: "note",
      words: /the demo provider answers/,
    },
  ],
  local: [
    {
      what: "a server of this machine that does not listen",
      make: () => () => patientOf(own, {}, providerAt("127.0.0.1:1")),
      state: "note",
      words: /nothing listens at 127\.0\.0\.1:1/,
    },
  ],
  state: [
    {
      what: "a state folder that cannot be made",
      make: () => {
        put(own.state, "a file");
        return () => {
          const patient = patientOf(own);
          return { ...patient, loaded: { ...patient.loaded!, stateDir: join(own.state, "below") } };
        };
      },
      state: "bad",
      words: /cannot be made: .* is no folder/,
    },
    {
      what: "a lock of a process that is gone, and not one that is held",
      make: () => {
        put(join(own.state, "compose/stack.lock"), lockText(4_194_000));
        put(join(own.state, "compose/held.lock"), lockText(process.pid));
        return () => patientOf(own);
      },
      state: "note",
      words: /process 4194000, which is gone/,
      fixed: () =>
        !existsSync(join(own.state, "compose/stack.lock")) &&
        existsSync(join(own.state, "compose/held.lock")),
    },
  ],
  ports: [
    {
      what: "a port that somebody else holds",
      make: async () => {
        const port = await listen((_request, answer) => void answer.end());
        return () => patientOf(own, {}, `server: { port: ${port} }\n`);
      },
      state: "bad",
      words: new RegExp(`is meant for the router, and the process ${process.pid} .*holds it`),
    },
  ],
  client: [
    ...(
      [
        ["2.0.1", "older"],
        ["99.0.0", "newer"],
      ] as const
    ).map(([version, words]): Failure => ({
      what: `a client that is ${words} than the one that was tried`,
      make: () => () => patientOf(own, {}, `stack: { client: { version: ${version} } }\n`),
      state: "note",
      words: new RegExp(`is ${version}, ${words} than`),
    })),
    {
      what: "neither the client nor an npm to install it with",
      make: () => () => patientOf(own, { env: { PATH: at("empty") } }),
      state: "bad",
      words: /is not installed/,
    },
    {
      what: "another client in the PATH",
      make: () => {
        own.program("claude", '#!/bin/sh\necho "1.0.1 (Claude Code)"\n');
        own.program("npm", "#!/bin/sh\n");
        return () => patientOf(own);
      },
      state: "note",
      words: /yours is 1\.0\.1, and stays/,
    },
  ],
  settings: [
    settings(
      "settings of the user",
      "note",
      () => join(own.home, ".claude/settings.json"),
      /BASE_URL=https:\/\/elsewhere\.test/,
    ),
    settings(
      "settings of the project",
      "note",
      () => join(own.workspace, ".claude/settings.json"),
      /A `claude` outside/,
    ),
    settings(
      "settings of administrators",
      "bad",
      () => at("managed-settings.json"),
      /does not ask the router/,
    ),
    settings(
      "settings that are no JSON",
      "note",
      () => join(own.home, ".claude/settings.json"),
      /no JSON/,
      "{ env: ",
    ),
    {
      what: "variables of this environment",
      make: () => () => patientOf(own, { env: { ANTHROPIC_BASE_URL: "http://proxy.test" } }),
      state: "note",
      words: /this environment sets ANTHROPIC_BASE_URL=http:\/\/proxy\.test/,
    },
  ],
  clock: [
    {
      what: "a clock that is behind the checkout's own files",
      make: () => () => patientOf(own, { now: () => Date.parse("2001-01-01T00:00:00Z") }),
      state: "bad",
      words: /before this checkout's own files/,
    },
    {
      what: "a clock that is an hour away from a provider's",
      make: async () => {
        const port = await listen((_request, answer) => {
          answer.setHeader("date", new Date(Date.now() + 3_600_000).toUTCString());
          answer.end();
        });
        return () => patientOf(own, { online: true }, providerAt(`127.0.0.1:${port}`));
      },
      state: "bad",
      words: /60 min away from that of 127\.0\.0\.1/,
    },
  ],
  ca: [
    certificates("a file of certificates that is not there", /cannot be read \(ENOENT\)/),
    certificates("one without a certificate", /no certificate/, () => "hello"),
    certificates(
      "one with a damaged certificate",
      /damaged/,
      () => "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ),
    certificates("certificates that have expired", /has expired/, () => selfSigned(["a.test"]).certificate, {
      now: () => Date.now() + 100 * 365 * 86_400_000,
    }),
  ],
  dns: [
    {
      what: "a provider's name that nobody knows",
      make: () => () => patientOf(own, { online: true }, providerAt("nobody.invalid")),
      state: "bad",
      words: /nobody\.invalid is not found/,
    },
    {
      what: "such a name behind a proxy",
      make: () => () =>
        patientOf(
          own,
          { online: true, env: { HTTPS_PROXY: "http://127.0.0.1:1" } },
          providerAt("nobody.invalid"),
        ),
      state: "note",
      words: /HTTPS_PROXY may find it/,
    },
  ],
  providers: [
    answering("a key that is refused", /there does not answer \(m\): .*no such key/, async () => {
      const provider = await startRefusingProvider("OK");
      ends.push(() => provider.close());
      return providerAt(provider.url.slice(7)).replace("keys: []", 'keys: ["${KEY}"]');
    }),
    answering("a model that is not known", /there does not answer \(m\): .*no model m/, async () => {
      const provider = await startProvider(() => ({
        error: { status: 404, body: '{"error":{"message":"no model m","code":"model_not_found"}}' },
      }));
      ends.push(() => provider.close());
      return providerAt(provider.url.slice(7));
    }),
    answering("nobody at the address", /there does not answer/, () =>
      Promise.resolve(providerAt("127.0.0.1:1")),
    ),
  ],
};
