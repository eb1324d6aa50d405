/** Configurations of other tools as they are found: damaged, repeating themselves, with keys in odd places. */
import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { sandbox, type Sandbox } from "../../support/cli.ts";
import { importing, loaded } from "./support.ts";

const made: Sandbox[] = [];
afterAll(() => {
  for (const each of made) each.remove();
});

/** A file of another tool, in a folder of its own. */
const file = (name: string, text: string): { user: Sandbox; path: string } => {
  const user = sandbox();
  made.push(user);
  const path = join(user.folder, name);
  writeFileSync(path, text);
  return { user, path };
};

const ccr = (more: Readonly<Record<string, unknown>>, key = "sk-or-v1-0123456789abcdef"): string =>
  JSON.stringify({
    Providers: [
      { name: "or", api_base_url: "https://openrouter.ai/api/v1/chat/completions", api_key: key, models: [] },
    ],
    Router: { default: "or,x/y" },
    ...more,
  });

const outcomes = (path: string): Record<string, string> =>
  Object.fromEntries(importing(path).findings.map(({ key, outcome }) => [key, outcome]));

describe("names that every object has are names like any other", () => {
  it.each([
    ["a log level of claude-code-router", "config.json", ccr({ LOG_LEVEL: "toString" })],
    [
      "a strategy of LiteLLM",
      "config.yaml",
      "model_list: []\nlitellm_settings: {}\nrouter_settings: { routing_strategy: constructor }\n",
    ],
    [
      "a provider of a router with routing_rules",
      "router.json",
      '{"providers": {"constructor": {"baseURL": "https://a.example/v1", "models": {"toString": "m"}}}, "routing_rules": []}',
    ],
  ])("%s", (_, name, text) => {
    const { draft } = importing(file(name, text).path);
    expect(JSON.stringify(draft.document())).not.toContain("native code");
  });

  it("an alias is kept under such a name", () => {
    const text =
      '{"providers": {"a": {"type": "openai", "baseURL": "https://a.example/v1", "models": {"constructor": "m"}}}, "routing_rules": []}';
    expect(importing(file("router.json", text).path).draft.document()["aliases"]).toMatchObject({
      constructor: "a,m",
    });
  });
});

describe("keys in odd places", () => {
  const secret = "sk-proj-0123456789abcdefghijklmnop";

  it("a key in the body that LiteLLM adds becomes a variable, and what looks like one stays a text", () => {
    const text = `model_list:
  - model_name: m
    litellm_params:
      model: openai/gpt-5
      api_key: os.environ/OPENAI_API_KEY
      extra_body: { inner: [{ api_key: ${secret} }], password: hunter2, note: "as \${HOME} is", max_tokens: 7 }
      extra_headers: { X-Password: hunter3 }
`;
    const { draft } = importing(file("config.yaml", text).path);
    const written = JSON.stringify(draft.document());
    expect(written).not.toMatch(/hunter|sk-proj/);
    expect(draft.secrets.map(({ value }) => value).toSorted()).toEqual(["hunter2", "hunter3", secret]);
    expect(written).toContain('"note":"as $${HOME} is"');
    expect(written).toContain('"max_tokens":7');
  });

  it("a key in the place of a name is not shown", () => {
    const findings = importing(file("config.json", ccr({ [secret]: "odd" })).path).findings;
    expect(JSON.stringify(findings)).not.toContain(secret);
    expect(findings.map(({ key }) => key)).toContain('"(looks like a key)"');
  });
});

describe("one key is not taken for another", () => {
  it("a key that is written out does not get the name of a variable that the file reads", () => {
    const text = JSON.stringify({
      Providers: ["written", "read"].map((name) => ({
        name,
        api_base_url: "https://openrouter.ai/api/v1/chat/completions",
        api_key: name === "read" ? "$OPENROUTER_API_KEY" : "sk-or-v1-0123456789abcdef",
        models: [],
      })),
      Router: { default: "written,m" },
    });
    const { draft } = importing(file("config.json", text).path);
    expect(draft.document()["providers"]).toMatchObject({
      written: { keys: ["${OPENROUTER_API_KEY_2}"] },
      read: { keys: ["${OPENROUTER_API_KEY}"] },
    });
    expect(draft.secrets.map(({ name }) => name)).toEqual(["OPENROUTER_API_KEY_2"]);
  });

  it("a variable that LiteLLM's file sets keeps its value, though the machine has another one", () => {
    const text = `model_list:
  - { model_name: a, litellm_params: { model: openai/a, api_key: sk-written-0123456789abcdef } }
  - { model_name: b, litellm_params: { model: openai/b, api_key: os.environ/OPENAI_API_KEY } }
environment_variables: { OPENAI_API_KEY: sk-set-0123456789abcdef }
`;
    const { draft } = importing(file("config.yaml", text).path, { env: { OPENAI_API_KEY: "sk-machine" } });
    const values = new Map(draft.secrets.map(({ name, value }) => [`\${${name}}`, value]));
    const providers = Object.values(draft.document()["providers"] as Record<string, { keys: string[] }>);
    expect(providers.map(({ keys: [key = ""] }) => values.get(key))).toEqual([
      "sk-written-0123456789abcdef",
      "sk-set-0123456789abcdef",
    ]);
  });

  it("a key of clients whose variable is not set here does not stop the import", () => {
    const text = `model_list: [{ model_name: a, litellm_params: { model: openai/a, api_key: os.environ/K } }]
general_settings: { master_key: os.environ/LITELLM_MASTER_KEY }
`;
    const imported = importing(file("config.yaml", text).path);
    expect(imported.draft.document()["server"]).toEqual({ clientKeys: ["${LITELLM_MASTER_KEY:-}"] });
    expect(loaded(imported).server.clientKeys).toEqual([]);
  });

  it("a key that only begins like a sample is a key", () => {
    const { draft } = importing(file("config.json", ccr({}, "my-team-key-0123456789abcdef")).path);
    expect(draft.secrets).toEqual([{ name: "OPENROUTER_API_KEY", value: "my-team-key-0123456789abcdef" }]);
  });
});

describe("nothing is lost in silence", () => {
  it("a fallback, a group behind all, and another name of LiteLLM that nothing serves are told", () => {
    const text = `model_list:
  - { model_name: a, litellm_params: { model: openai/a, api_key: os.environ/K } }
litellm_settings: { fallbacks: [{ a: [gone, a] }], default_fallbacks: [gone] }
router_settings: { model_group_alias: { other: gone, same: a } }
`;
    expect(outcomes(file("config.yaml", text).path)).toMatchObject({
      "litellm_settings.fallbacks[0].a[0]": "dropped",
      "litellm_settings.default_fallbacks[0]": "dropped",
      "router_settings.model_group_alias.other": "dropped",
      "router_settings.model_group_alias.same": "mapped",
    });
  });

  it("a route of claude-code-router to nobody is told and left out, a threshold that is no number is told", () => {
    const text = ccr({
      Router: { default: "or,x", think: "gone,x", longContext: "or,l", longContextThreshold: "many" },
      fallback: { default: ["or", "or,z"] },
    });
    const { path } = file("config.json", text);
    expect(outcomes(path)).toMatchObject({
      "Router.think": "dropped",
      "Router.longContextThreshold": "changed",
      "fallback.default[0]": "dropped",
      "fallback.default[1]": "changed",
    });
    expect(importing(path).draft.document()["routes"]).toMatchObject({
      default: ["or,x", "or,z"],
      think: null,
      longContext: { use: "or,l", threshold: 60_000 },
    });
  });

  it("a map that YAML puts in (`<<`) is read as LiteLLM reads it", () => {
    const text = `shared: &shared { api_key: os.environ/TEAM_KEY, api_base: "https://team.example/v1" }
model_list:
  - { model_name: a, litellm_params: { <<: *shared, model: openai/a } }
  - { model_name: b, litellm_params: { <<: [*shared], model: openai/b, api_key: os.environ/OTHER } }
`;
    const { draft } = importing(file("config.yaml", text).path);
    expect(Object.values(draft.document()["providers"] as object)).toMatchObject([
      { baseUrl: "https://team.example/v1", keys: ["${TEAM_KEY}"] },
      { baseUrl: "https://team.example/v1", keys: ["${OTHER}"] },
    ]);
  });

  it("files of a folder that are links are read", () => {
    const { user, path } = file("kept-elsewhere", "MODEL_BASE_URL=https://a.example\nMODEL_SONNET=s\n");
    const folder = join(user.folder, "models");
    mkdirSync(folder);
    symlinkSync(path, join(folder, "glm.env"));
    expect([...importing(folder).draft.profiles.keys()]).toEqual(["glm"]);
  });
});

describe("names that mean something else here, or stand twice", () => {
  const settings = (url: string): string =>
    JSON.stringify({ env: { ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: "sk-0123456789abcdef" } });

  it("a provider of cc-switch that is called default becomes a profile, and serves where it is in use", () => {
    const row = `INSERT INTO providers (id, app_type, name, settings_config, is_current) VALUES ('d', 'claude', 'default', '${settings("https://a.example")}', 1);`;
    const imported = importing(file("export.sql", row).path);
    expect([...loaded(imported).profiles.keys()]).toContain("default-profile");
    expect(imported.draft.document()["routes"]).toMatchObject({ default: "a,*" });
  });

  it("the profile of ccs that is called default is still the one that serves", () => {
    const { user, path } = file(
      "config.json",
      '{"default": "Default", "profiles": {"Default": "a.settings.json"}}',
    );
    writeFileSync(join(user.folder, "a.settings.json"), settings("https://a.example"));
    const imported = importing(dirname(path));
    expect([...loaded(imported).profiles.keys()]).toContain("default-profile");
    expect(imported.draft.document()["routes"]).toMatchObject({ default: "a,*" });
  });

  it("rules of one name get one each, and those whose pattern is none are told and left out", () => {
    const rule = (name: string, pattern: string): object => ({ name, pattern, provider: "a", model: "m" });
    const text = JSON.stringify({
      providers: { a: { type: "ollama", baseURL: "http://127.0.0.1:1/v1", models: { m: "m" } } },
      routing_rules: [rule("fix", "(?i)fix"), rule("fix", "mend"), rule("odd", "(open")],
    });
    const imported = importing(file("router.json", text).path);
    expect(loaded(imported).custom?.rules.map(({ name }) => name)).toEqual(["fix", "fix-2"]);
    expect(imported.findings).toContainEqual(
      expect.objectContaining({ key: "routing_rules[2]", outcome: "dropped" }),
    );
  });

  it("a name that stands twice in an environment file, and a line that is none, are told", () => {
    const text =
      "SONNET_PROVIDER_API_KEY=sk-0123456789abcdef\nnonsense\nSONNET_PROVIDER_API_KEY=sk-other-0123456789abcdef\n";
    expect(outcomes(file("tiers.env", text).path)).toEqual({
      '"SONNET_PROVIDER_API_KEY (line 1)"': "dropped",
      '"line 2"': "dropped",
      SONNET_PROVIDER_API_KEY: "mapped",
    });
  });
});

describe("what cannot be read ends at once", () => {
  it("aliases of aliases that would be more than any memory holds", () => {
    const lines = Array.from(
      "bcdefghi",
      (name, i) => `${name}: &${name} [${Array(9).fill(`*${"abcdefgh"[i]}`).join(", ")}]`,
    );
    const text = ["model_list: []", "a: &a [x, x, x, x, x, x, x, x, x]", ...lines].join("\n");
    expect(() => importing(file("config.yaml", text).path)).toThrow(/repeat more than 100000 values/);
  });

  it("a device without an end", () => {
    const { user } = file("config.json", "");
    const link = join(user.folder, "zero.json");
    symlinkSync("/dev/zero", link);
    expect(() => importing(link)).toThrow("is neither a file nor a folder");
  });
});

describe("switchyard import, where the result is no valid configuration", () => {
  const wrong = ccr({}, "sk-or-v1-0123456789abcdef").replace("https://", "https://user:hidden@");

  it("shows what maps to what all the same, with the line to correct", async () => {
    const { user, path } = file("config.json", wrong);
    const { stdout, stderr, status } = await user.run(["import", path, "--config", join(user.folder, "c")]);
    expect(status).toBe(2);
    expect(stdout).toMatch(/^✓ +1 +Providers\[0\]\.api_base_url +providers\.or\.baseUrl$/m);
    expect(stderr).toContain("providers.or.baseUrl: found a URL with a user name or password");
    expect(stderr).toContain("Nothing was written");
    expect(stdout + stderr).not.toContain("hidden");
  });

  it("--json is JSON then, too", async () => {
    const { user, path } = file("config.json", wrong);
    const { stdout, status } = await user.run(["import", path, "--config", join(user.folder, "c"), "--json"]);
    expect(status).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      written: false,
      configuration: null,
      error: expect.stringContaining("providers.or.baseUrl"),
      findings: expect.arrayContaining([expect.objectContaining({ key: "Router.default" })]),
    });
  });
});

describe("switchyard import, where a configuration is there already", () => {
  it("a second run writes nothing and keeps no further version", async () => {
    const { user, path } = file("config.json", ccr({}));
    const own = join(user.folder, "switchyard.yaml");
    const run = (): ReturnType<Sandbox["run"]> =>
      user.run(["import", path, "--output", own, "--yes", "--json"]);
    const first = await run();
    const before = lstatSync(own, { bigint: true });
    const second = await run();
    const [a, b] = [first, second].map(({ stdout }) => JSON.parse(stdout) as Record<string, unknown>);
    expect([a?.["written"], b?.["written"], b?.["backup"], second.status]).toEqual([true, false, null, 0]);
    expect(lstatSync(own, { bigint: true }).ino).toBe(before.ino);
  });

  it("its line ends stay those of Windows", async () => {
    const { user, path } = file("config.json", ccr({}));
    const own = join(user.folder, "switchyard.yaml");
    writeFileSync(own, "# mine\r\nlog: { level: warn }\r\n");
    await user.run(["import", path, "--output", own, "--yes"]);
    expect(readFileSync(own, "utf8")).toMatch(/^# mine\r\n/);
    expect(readFileSync(own, "utf8").replaceAll("\r\n", "")).not.toContain("\n");
  });

  it("a link stays a link, and the file that it leads to is written", async () => {
    const { user, path } = file("config.json", ccr({}));
    const [real, own] = [join(user.folder, "dotfiles.yaml"), join(user.folder, "switchyard.yaml")];
    writeFileSync(real, "# mine\nlog: { level: warn }\n");
    symlinkSync(real, own);
    const { status } = await user.run(["import", path, "--output", own, "--yes"]);
    expect([status, lstatSync(own).isSymbolicLink()]).toEqual([0, true]);
    expect(readFileSync(real, "utf8")).toContain("# mine");
    expect(parse(readFileSync(real, "utf8"))).toMatchObject({ routes: { default: "or,x/y" } });
    expect(readdirSync(user.folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});
