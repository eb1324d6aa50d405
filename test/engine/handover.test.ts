/** What is handed to a container, and how it is kept until then. */
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeFileSync } from "node:fs";
import { resolveConfig } from "../../src/config/resolve.ts";
import { readConfigSource } from "../../src/config/source.ts";
import { secretsFor, usesPassthrough } from "../../src/engine/handover.ts";
import { backends } from "../../src/shared/backends.ts";
import { type Secrets, writeSecrets } from "../../src/engine/state-files.ts";

describe("handover to a container", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "switchyard-handover-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const secrets = (yaml: string, env: Record<string, string>): Secrets => {
    const file = join(folder, "switchyard.yaml");
    writeFileSync(file, yaml);
    const source = readConfigSource({ file, env, keyFiles: false });
    return secretsFor(resolveConfig(source), source, env);
  };

  it("keys that are set go apart from the configuration, which names them alone", () => {
    const { config, handover } = secrets("", { OPENROUTER_API_KEY: "sk-or-0123456789", UNRELATED: "other" });
    expect(handover.keys).toEqual({ OPENROUTER_API_KEY: "sk-or-0123456789" });
    expect(config).toContain("${OPENROUTER_API_KEY}");
    expect(config).not.toContain("sk-or-0123456789");
  });

  it("a proxy on this machine is reached through the gateway, and what is inside needs none", () => {
    const { handover } = secrets("", {
      HTTPS_PROXY: "http://me:pw@127.0.0.1:8080",
      no_proxy: "intern.example",
    });
    expect(handover.proxy["HTTPS_PROXY"]).toBe("http://me:pw@host.docker.internal:8080");
    expect(handover.proxy["https_proxy"]).toBe(handover.proxy["HTTPS_PROXY"]);
    expect(handover.proxy["NO_PROXY"]).toBe("intern.example,host.docker.internal,127.0.0.1,localhost");
  });

  it("without a proxy none is set", () => {
    expect(secrets("", {}).handover.proxy).toEqual({});
  });

  it("the CA bundle that this machine trusts comes along", () => {
    const ca = join(folder, "ca.pem");
    writeFileSync(ca, "-----BEGIN CERTIFICATE-----");
    expect(secrets("", { NODE_EXTRA_CA_CERTS: ca }).handover.ca).toBe("-----BEGIN CERTIFICATE-----");
    expect(secrets("", { NODE_EXTRA_CA_CERTS: join(folder, "gone.pem") }).handover).not.toHaveProperty("ca");
  });

  it("the user's own login is forwarded only where a route leads to a provider that takes it", () => {
    const of = (yaml: string, profile?: string): boolean => {
      const file = join(folder, "switchyard.yaml");
      writeFileSync(file, yaml);
      return usesPassthrough(resolveConfig(readConfigSource({ file, env: {}, keyFiles: false })), profile);
    };
    expect(of("")).toBe(false);
    expect(of('routes: { opus: ["anthropic,*"] }')).toBe(true);
    expect(of('aliases: { mine: "anthropic,claude-opus-5" }')).toBe(true);
    expect(of("", "anthropic")).toBe(true);
    expect(of("", "one-that-is-no-more")).toBe(false);
    expect(
      of(
        '{ routes: { opus: "anthropic,*" }, profiles: { plain: { models: { sonnet: "demo,x" } } } }',
        "plain",
      ),
    ).toBe(false);
  });

  it("the files are the user's alone, and their hash tells a change but no key", async () => {
    const at = join(folder, "secrets");
    const given = secrets("", { OPENROUTER_API_KEY: "sk-or-0123456789" });
    const hash = await writeSecrets(at, given);
    expect(statSync(at).mode & 0o777).toBe(0o700);
    for (const name of ["switchyard.yaml", "handover.json", "salt"])
      expect(statSync(join(at, name)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(join(at, "handover.json"), "utf8"))).toEqual(given.handover);
    expect(await writeSecrets(at, given)).toBe(hash);
    expect(await writeSecrets(at, secrets("", { OPENROUTER_API_KEY: "sk-or-other-0123" }))).not.toBe(hash);
    // Without the folder's own salt the same keys give another hash: a public one cannot be tried against guesses.
    expect(await writeSecrets(join(folder, "elsewhere"), given)).not.toBe(hash);
  });

  describe("with LiteLLM", () => {
    const litellm = (yaml: string, env: Record<string, string>) => {
      const file = join(folder, "switchyard.yaml");
      writeFileSync(file, yaml);
      const source = readConfigSource({ file, env, keyFiles: false });
      return secretsFor(resolveConfig(source), source, env, backends.litellm);
    };

    it("keys go apart from its configuration, and those of the container itself are left to the supervisor", () => {
      const { configName, config, handover } = litellm("", { OPENROUTER_API_KEY: "sk-or-0123456789" });
      expect(configName).toBe("litellm.yaml");
      expect(config).toContain("os.environ/OPENROUTER_API_KEY");
      expect(config).not.toContain("sk-or-0123456789");
      expect(handover.keys).toEqual({
        OPENROUTER_API_KEY: "sk-or-0123456789",
        SWITCHYARD_CLIENT_KEY: "",
        LITELLM_MASTER_KEY: "",
      });
    });

    it("the same configuration and keys give the same hash: a second shell joins without a word", async () => {
      const given = () => litellm("", { OPENROUTER_API_KEY: "sk-or-0123456789" });
      const at = join(folder, "secrets");
      expect(await writeSecrets(at, given())).toBe(await writeSecrets(at, given()));
      expect(readFileSync(join(at, "litellm.yaml"), "utf8")).toBe(given().config);
    });

    it("the user's own login is never left to a LiteLLM, which cannot forward it", () => {
      expect(litellm('routes: { opus: ["anthropic,*"] }', {}).handover.passthrough).toBe(false);
    });

    it("a configuration of the user's own is handed over as it is, with its variables and the key that it asks of clients", () => {
      const own = "model_list: []\ngeneral_settings: { master_key: os.environ/MY_MASTER }\n";
      writeFileSync(join(folder, "own.yaml"), own);
      const { config, handover } = litellm("stack: { litellm: { config: own.yaml } }", {
        MY_MASTER: "sk-mine-0123456789",
      });
      expect(config).toBe(own);
      expect(handover.keys).toEqual({ MY_MASTER: "sk-mine-0123456789" });
      expect(handover.clientKey).toBe("sk-mine-0123456789");
    });

    it("one that is not there is named", () => {
      expect(() => litellm("stack: { litellm: { config: gone.yaml } }", {})).toThrow(/gone\.yaml/);
    });
  });

  it("a state folder that cannot be written is named as such", async () => {
    writeFileSync(join(folder, "file"), "");
    await expect(writeSecrets(join(folder, "file/secrets"), secrets("", {}))).rejects.toMatchObject({
      code: "engine.failed",
      hint: expect.stringContaining("SWITCHYARD_STATE_DIR"),
    });
  });
});
