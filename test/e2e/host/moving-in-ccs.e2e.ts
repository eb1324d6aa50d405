/** A client that a real ccs starts and one that asks by the imported profile: each tier reaches the same model with the same key. */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { installFromNpm, packageDir } from "../../bench/contenders/npm-install.ts";
import { fakeClaude } from "../../support/cli.ts";
import type { ScriptedProvider } from "../../support/provider/server.ts";
import { arrivals, moveIn, type Moved, startProviders } from "../support/moving-in.ts";

const name = "@kaitranntt/ccs";
const version = "7.79.1";

const settings = (url: string, key: string, models: Readonly<Record<string, string>>): string =>
  JSON.stringify({ env: { ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: key, ...models } });

const files = (provider: string): Record<string, string> => ({
  "config.yaml": `version: 8
default: glm
profiles:
  glm: { type: api, settings: "~/.ccs/glm.settings.json" }
  one-model: { type: api, settings: "~/.ccs/one-model.settings.json" }
`,
  "glm.settings.json": settings(`${provider}/glm`, "key-of-glm-0123456789abcdef", {
    ANTHROPIC_MODEL: "glm-main",
    ANTHROPIC_DEFAULT_OPUS_MODEL: "glm-big",
    ANTHROPIC_DEFAULT_SONNET_MODEL: "glm-middle",
    ANTHROPIC_DEFAULT_HAIKU_MODEL: "glm-small",
  }),
  "one-model.settings.json": settings(`${provider}/one`, "key-of-one-0123456789abcdef", {
    ANTHROPIC_MODEL: "only",
    ANTHROPIC_DEFAULT_OPUS_MODEL: "only",
    ANTHROPIC_DEFAULT_SONNET_MODEL: "only",
    ANTHROPIC_DEFAULT_HAIKU_MODEL: "only",
  }),
});

/** The variables of the client as ccs starts it. */
const startedBy = async (home: string, args: readonly string[]): Promise<Record<string, string>> => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(packageDir(name, version), "dist/ccs.js"), ...args],
    {
      cwd: home,
      env: { HOME: home, PATH: `${join(home, "bin")}:${process.env["PATH"] ?? ""}` },
      maxBuffer: 1 << 24,
    },
  );
  const line = stdout.split("\n").find((each) => each.startsWith('{"args"')) ?? "{}";
  const started = JSON.parse(line) as { env?: Record<string, string>; settings?: { env?: object } };
  return { ...started.env, ...started.settings?.env };
};

const variables: Readonly<Record<string, string>> = {
  "claude-opus-4-1": "ANTHROPIC_DEFAULT_OPUS_MODEL",
  "claude-sonnet-4-5": "ANTHROPIC_DEFAULT_SONNET_MODEL",
  "claude-haiku-4-5": "ANTHROPIC_DEFAULT_HAIKU_MODEL",
  "claude-of-no-tier": "ANTHROPIC_MODEL",
};

describe(`a configuration of ccs ${version}`, () => {
  const home = mkdtempSync(join(tmpdir(), "switchyard-ccs-"));
  let provider: ScriptedProvider;
  let here: Moved;
  beforeAll(async () => {
    await installFromNpm(name, version);
    provider = await startProviders();
    const [own, theirs] = [join(home, "for-us"), join(home, ".ccs")];
    for (const folder of [own, join(home, "bin")]) mkdirSync(folder);
    for (const [file, text] of Object.entries(files(provider.url))) writeFileSync(join(own, file), text);
    // ccs writes its files anew when it starts.
    cpSync(own, theirs, { recursive: true });
    writeFileSync(join(home, "bin", "claude"), fakeClaude(), { mode: 0o755 });
    here = await moveIn(own, "any");
  }, 300_000);
  afterAll(async () => {
    await here?.close();
    await provider?.close();
    rmSync(home, { recursive: true, force: true });
  });

  it.each([
    ["the profile that it starts by default", [], ""],
    ["a profile by its name", ["glm"], "/p/glm"],
    ["a profile of one model", ["one-model"], "/p/one-model"],
  ])("%s", async (_, args, path) => {
    const env = await startedBy(home, [...args, "--print", "hi"]);
    for (const [model, variable] of Object.entries(variables)) {
      const client = {
        url: env["ANTHROPIC_BASE_URL"]!,
        key: env["ANTHROPIC_AUTH_TOKEN"]!,
        close: () => Promise.resolve(),
      };
      const there = await arrivals(client, provider, { model: env[variable] });
      expect(there, variable).toHaveLength(1);
      const ours = await arrivals({ ...here, url: here.url + path }, provider, { model });
      expect(ours, variable).toEqual(there);
    }
  });
});
