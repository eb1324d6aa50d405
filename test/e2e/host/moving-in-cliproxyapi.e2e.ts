/** The same config.yaml in a real CLIProxyAPI and, imported, in the router: each request reaches the same model with the same key. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startWayOut } from "../../support/way-out.ts";
import { cliproxyapiProgram, modelsOf } from "../support/cliproxyapi-server.ts";
import {
  type Both,
  type Difference,
  fromBoth,
  itReachesTheSame,
  itTellsDifferences,
  type Question,
  startBoth,
} from "../support/moving-in.ts";
import { startServer } from "../support/server-process.ts";

const key = "sk-a-key-of-clients-0123456789";

const text = (provider: string): string => `# by hand
host: "127.0.0.1"
port: 8317
auth-dir: "FOLDER/auth"
remote-management: { allow-remote: false, secret-key: "", disable-control-panel: true }
api-keys: [ "${key}" ]
request-retry: 0
disable-cooling: true
routing: { strategy: fill-first }
gemini-api-key:
  - api-key: "AIzaSyGamma0123456789abcdef"
    base-url: "${provider}/gamma"
    models:
      - { name: "gemini-2.5-flash", alias: "flash" }
claude-api-key:
  - api-key: "sk-of-beta-0123456789abcdef"
    base-url: "${provider}/beta"
codex-api-key:
  - api-key: "sk-of-delta-0123456789abcdef"
    base-url: "${provider}/delta/v1"
    prefix: "team"
    models:
      - { name: "gpt-5-codex", alias: "codex-latest" }
openai-compatibility:
  - name: "Alpha"
    base-url: "${provider}/alpha/v1"
    headers: { X-Team: blue }
    api-key-entries: [ { api-key: "sk-of-alpha-0123456789abcdef" } ]
    models:
      - { name: "moonshotai/kimi-k2:free", alias: "kimi" }
      - { name: "plain" }
      - { name: "broken", alias: "fails" }
  - name: "second"
    base-url: "${provider}/second/v1"
    api-key-entries: [ { api-key: "sk-of-second-0123456789abcdef" } ]
    models:
      - { name: "stands-in", alias: "fails" }
`;

const startReal = async (config: string): ReturnType<typeof startServer> => {
  const program = await cliproxyapiProgram();
  const out = await startWayOut({});
  const server = await startServer((port, _file, folder) => {
    const file = join(folder, "its-own.yaml");
    writeFileSync(file, config.replace(/^port: \d+$/m, `port: ${port}`));
    return {
      name: "CLIProxyAPI",
      program,
      args: ["-config", file, "-local-model"],
      config: {},
      env: { HTTPS_PROXY: out.url, HTTP_PROXY: out.url },
      ready: async (url) => JSON.stringify(await modelsOf(url, key)).includes("kimi"),
    };
  });
  return {
    ...server,
    close: async () => {
      await server.close();
      await out.close();
    },
  };
};

const thinking = { type: "enabled", budget_tokens: 1024 };
const same: Record<string, Question> = {
  "another name of a model": { model: "kimi" },
  "another name of a model in a turn that thinks": { model: "kimi", thinking },
  "another name of a model, not streamed": { model: "kimi", stream: false },
  "a model without another name": { model: "plain" },
  "a model of Anthropic's": { model: "claude-sonnet-4-5-20250929" },
  "a model of Anthropic's in a turn that thinks": { model: "claude-opus-4-5-20251101", thinking },
  "a name with its prefix": { model: "team/codex-latest" },
  "the same name without it": { model: "codex-latest" },
};

/** Whose names are errors there, or whose limit is not sent. */
const different: Record<string, Difference> = {
  "the limit of an answer of Google's": {
    question: { model: "flash" },
    key: "gemini-api-key[0].api-key",
    says: /max_tokens is sent along/,
    there: [{ provider: "gamma", path: "v1beta/models", model: "gemini-2.5-flash", most: undefined }],
    here: { provider: "gamma", path: "v1beta/models", model: "gemini-2.5-flash", most: 4000 },
  },
  "a name of Anthropic's that its catalogue has not": {
    question: { model: "claude-sonnet-4-5" },
    key: "claude-api-key[0]",
    says: /not those of its catalogue alone/,
    there: [],
    here: { provider: "beta", model: "claude-sonnet-4-5" },
  },
  "a model's own id where it has another name": {
    question: { model: "moonshotai/kimi-k2:free" },
    key: "openai-compatibility[0].models[0].name",
    says: /by its own id as well/,
    there: [],
    here: { provider: "alpha", model: "moonshotai/kimi-k2:free" },
  },
  "a name that nothing serves": {
    question: { model: "gemini-2.5-pro" },
    key: "claude-api-key",
    says: /^changed: .*which are errors there/,
    there: [],
    here: { provider: "beta", model: "gemini-2.5-pro" },
  },
  "a level in brackets": {
    question: { model: "kimi(high)" },
    key: "claude-api-key",
    says: /^changed: .*a level in brackets/,
    there: [{ provider: "alpha", model: "moonshotai/kimi-k2:free" }],
    here: { provider: "beta", model: "kimi(high)" },
  },
};

describe("a configuration of CLIProxyAPI", () => {
  let both: Both;
  beforeAll(async () => {
    both = await startBoth({ text, file: "config.yaml", start: startReal, key });
  }, 600_000);
  afterAll(() => both?.close());

  itReachesTheSame(() => both, same);

  it("a header of a provider is sent from both", async () => {
    const before = both.provider.requests.length;
    await fromBoth(both, { model: "plain" });
    expect(both.provider.requests.slice(before).map(({ headers }) => headers["x-team"])).toEqual([
      "blue",
      "blue",
    ]);
  });

  it("a name of several models whose first fails is answered by the second", async () => {
    const { there, here } = await fromBoth(both, { model: "fails" });
    expect(there.map(({ model }) => model)).toEqual(["broken", "stands-in"]);
    expect(here).toEqual(there);
  });

  itTellsDifferences(() => both, different);
});
