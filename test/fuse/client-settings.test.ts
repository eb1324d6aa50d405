import { describe, expect, it } from "vitest";
import {
  clientEnvironment,
  isScrubbedName,
  pinnedSettings,
  scrubEnvironment,
  seedClientRecord,
  seedSettings,
  type ClientOptions,
} from "../../src/fuse/client-settings.ts";

const options: ClientOptions = {
  baseUrl: "http://127.0.0.1:4000",
  key: "sw-key",
  configDir: "/state/client",
  passthrough: false,
  isolated: false,
};
const parsed = (text: string | undefined): unknown => JSON.parse(text ?? "null");

describe("the client's environment", () => {
  it("leads to the router with the router's own key", () => {
    const env = clientEnvironment(options);
    expect(env).toMatchObject({
      ANTHROPIC_BASE_URL: "http://127.0.0.1:4000",
      ANTHROPIC_AUTH_TOKEN: "sw-key",
      CLAUDE_CONFIG_DIR: "/state/client",
      DISABLE_UPDATES: "1",
    });
    expect(env).not.toHaveProperty("IS_SANDBOX");
  });

  it("leaves the user's own login alone where it is forwarded: the router's key travels in its own header", () => {
    const env = clientEnvironment({ ...options, passthrough: true });
    expect(env).not.toHaveProperty("ANTHROPIC_AUTH_TOKEN");
    expect(env).toHaveProperty("ANTHROPIC_CUSTOM_HEADERS", "x-switchyard-key: sw-key");
  });

  it("says that it is a sandbox only to root, and only in a container", () => {
    expect(clientEnvironment({ ...options, isolated: true, uid: 0 })).toHaveProperty("IS_SANDBOX", "1");
    expect(clientEnvironment({ ...options, isolated: true, uid: 1000 })).not.toHaveProperty("IS_SANDBOX");
    expect(clientEnvironment({ ...options, isolated: false, uid: 0 })).not.toHaveProperty("IS_SANDBOX");
  });
});

describe("settings above those of a repository", () => {
  it("hold the address, the key, no other cloud, and the proxies that the user really has", () => {
    const { env } = pinnedSettings(options, { HTTPS_PROXY: "http://proxy:3128", NO_PROXY: "intranet" }) as {
      env: Record<string, string>;
    };
    expect(env).toMatchObject({
      ANTHROPIC_BASE_URL: "http://127.0.0.1:4000",
      ANTHROPIC_AUTH_TOKEN: "sw-key",
      CLAUDE_CODE_USE_BEDROCK: "",
      CLAUDE_CODE_USE_VERTEX: "",
      HTTPS_PROXY: "http://proxy:3128",
      HTTP_PROXY: "",
      http_proxy: "",
      NO_PROXY: "intranet,127.0.0.1,localhost",
    });
  });
});

describe("settings of a first start", () => {
  it("answer the dialogs, and are written once", () => {
    const settings = seedSettings(undefined, { ...options, isolated: true });
    expect(parsed(settings)).toEqual({
      disableAutoMode: "disable",
      skipWebFetchPreflight: true,
      disableDeepLinkRegistration: "disable",
      skipDangerousModePermissionPrompt: true,
    });
    expect(seedSettings(settings, { ...options, isolated: true })).toBeUndefined();
    const record = seedClientRecord("", "/w");
    expect(parsed(record)).toEqual({
      hasCompletedOnboarding: true,
      projects: { "/w": { hasTrustDialogAccepted: true } },
    });
    expect(seedClientRecord(record, "/w")).toBeUndefined();
  });

  it("leave auto mode on for whoever took out the line that turns it off", () => {
    const seeded = JSON.parse(seedSettings(undefined, { isolated: true })!) as Record<string, unknown>;
    expect(seeded["disableAutoMode"]).toBe("disable");
    delete seeded["disableAutoMode"];
    expect(seedSettings(JSON.stringify(seeded), { isolated: true })).toBeUndefined();
    expect(seedSettings("  ", { isolated: true })).toContain("disableAutoMode");
  });

  it("have the status line, and what the user made of it since stays", () => {
    const statusLine = {
      type: "command",
      command: "node /new/switchyard-statusline.mjs",
      refreshInterval: 15,
    };
    const seed = (settings: object | undefined): unknown =>
      parsed(seedSettings(settings && JSON.stringify(settings), { isolated: true, statusLine }));
    const first = seed(undefined) as Record<string, unknown>;
    expect(first["statusLine"]).toEqual(statusLine);
    expect(seed(first)).toBeNull();
    expect(seed({ ...first, statusLine: { type: "command", command: "~/mine.sh" } })).toBeNull();
    // Who took it out does not find it again.
    const { statusLine: _gone, ...without } = first;
    expect(seed(without)).toBeNull();
    // Ours from a checkout that has moved, with the user's own padding.
    const moved = { ...statusLine, command: "node '/old/switchyard-statusline.mjs'", padding: 2 };
    expect(seed({ ...first, statusLine: moved })).toEqual({
      ...first,
      statusLine: { ...statusLine, padding: 2 },
    });
  });

  it("keep the warning about skipped permissions where nothing is isolated", () => {
    expect(parsed(seedSettings(undefined, options))).not.toHaveProperty("skipDangerousModePermissionPrompt");
  });

  it("never undo what the user changed, and keep what they added", () => {
    const own = { disableAutoMode: "enable", theme: "dark", permissions: { allow: ["Bash(ls)"] } };
    expect(parsed(seedSettings(JSON.stringify(own), options))).toEqual({
      ...own,
      skipWebFetchPreflight: true,
      disableDeepLinkRegistration: "disable",
    });
    const record = { numStartups: 4, projects: { "/other": { a: 1 }, "/w": { history: ["x"] } } };
    expect(parsed(seedClientRecord(JSON.stringify(record), "/w"))).toEqual({
      numStartups: 4,
      hasCompletedOnboarding: true,
      projects: { "/other": { a: 1 }, "/w": { history: ["x"], hasTrustDialogAccepted: true } },
    });
  });

  it.each(["{ broken", "[]", "7"])("a file that cannot be understood (%s) is left as it is", (text) => {
    expect(seedSettings(text, options)).toBeUndefined();
    expect(seedClientRecord(text, "/w")).toBeUndefined();
  });
});

describe("what the client's shell does not inherit", () => {
  it.each([
    "OPENROUTER_API_KEY",
    "MY_OWN_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_BASE_URL",
    "ANTHROPIC_MODEL",
    "OPENAI_BASE_URL",
    "GOOGLE_API_KEY",
    "CLAUDECODE",
    "CLAUDE_CONFIG_DIR",
    "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "SWITCHYARD_CLIENT_KEY",
  ])("%s", (name) => expect(isScrubbedName(name, false)).toBe(true));

  it.each(["PATH", "HOME", "GITHUB_TOKEN", "HTTPS_PROXY", "NODE_EXTRA_CA_CERTS", "KEYBOARD", "IS_SANDBOX"])(
    "it does inherit %s",
    (name) => expect(isScrubbedName(name, false)).toBe(false),
  );

  it("a variable of any name that holds a key of the configuration is taken out, and named", () => {
    const env = { LIGHT: "on", CI_STUFF: "prefix sk-secret-value-1 suffix", SHORT: "abc" };
    expect(scrubEnvironment(env, ["sk-secret-value-1", "abc"], false)).toEqual({
      env: { LIGHT: "on", SHORT: "abc" },
      removed: ["CI_STUFF"],
    });
  });

  it("the user's own login stays where it is to be forwarded, and only there", () => {
    const env = { CLAUDE_CODE_OAUTH_TOKEN: "own-login-token" };
    expect(scrubEnvironment(env, [], true).env).toEqual(env);
    expect(scrubEnvironment(env, [], false).env).toEqual({});
  });
});

describe("the list of /model", () => {
  const listed = (text: string | undefined): unknown =>
    (JSON.parse(text ?? "{}") as Record<string, unknown>)["additionalModelOptionsCache"];
  const option = (name: string) => ({
    value: `claude-via/${name}`,
    label: name,
    description: "Switchyard",
  });

  it("has the targets, those of today in the place of those of yesterday, and keeps what others put there", () => {
    const first = seedClientRecord(undefined, "/w", ["zai,glm-4.6", "demo,echo"]);
    expect(listed(first)).toEqual([option("zai,glm-4.6"), option("demo,echo")]);
    expect(seedClientRecord(first, "/w", ["zai,glm-4.6", "demo,echo"])).toBeUndefined();
    const other = { value: "claude-of-the-vendor", label: "New", description: "" };
    const both = JSON.stringify({
      ...(JSON.parse(first!) as object),
      additionalModelOptionsCache: [other, option("demo,echo")],
    });
    expect(listed(seedClientRecord(both, "/w", ["zai,glm-5"]))).toEqual([other, option("zai,glm-5")]);
  });

  it("stays where nobody says what is in it", () => {
    const first = seedClientRecord(undefined, "/w", ["demo,echo"]);
    expect(seedClientRecord(first, "/w")).toBeUndefined();
    expect(listed(seedClientRecord(undefined, "/w"))).toBeUndefined();
  });
});
