/** `switchyard import` and `export` as a user types them. */
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { filesBelow, sandbox, type Finished, type Sandbox } from "../../support/cli.ts";
import { fixture } from "./support.ts";

const made: Sandbox[] = [];
afterAll(() => {
  for (const each of made) each.remove();
});

interface Place {
  readonly user: Sandbox;
  /** The file that is written. */
  readonly file: string;
  readonly keys: string;
  readonly run: (...args: string[]) => Promise<Finished>;
}

const place = (before?: string): Place => {
  const user = sandbox();
  made.push(user);
  const file = join(user.folder, "own", "switchyard.yaml");
  mkdirSync(join(user.folder, "own"));
  if (before !== undefined) writeFileSync(file, before);
  return {
    user,
    file,
    keys: join(user.home, ".config/switchyard/keys.env"),
    run: (...args) => user.run(args),
  };
};

const own = `# mine
providers:
  openrouter: { preset: openrouter, keys: ["\${MY_KEY:-}"] } # of the team
routes:
  default: "demo,echo"   # for now
`;

describe("switchyard import", () => {
  it("shows what maps to what, and writes nothing, until it is told to", async () => {
    const { run, keys, file } = place();
    const { stdout, stderr, status } = await run("import", fixture("ccr-v1.json"), "--config", file);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^✓ +40 +Router\.default +routes\.default +\S/m);
    expect(stdout).toMatch(/^✗ +9 +NON_INTERACTIVE_MODE +- +\S/m);
    expect(stdout).toMatch(/^~ +42 +Router\.think +routes\.think +\S/m);
    expect(stderr).toContain("nothing was written");
    expect(existsSync(keys) || existsSync(file)).toBe(false);
  });

  it("keeps keys for their owner alone, writes the file, and shows no value", async () => {
    const { run, keys, file } = place();
    const { stdout, stderr, status } = await run(
      "import",
      fixture("ccr-v1.json"),
      "--config",
      file,
      "--write",
      "--yes",
    );
    expect(status, stderr).toBe(0);
    expect(statSync(keys).mode & 0o777).toBe(0o600);
    expect(
      readFileSync(keys, "utf8")
        .split("\n")
        .map((line) => line.split("=")[0])
        .filter(Boolean),
    ).toEqual(["OPENROUTER_API_KEY", "GEMINI_API_KEY", "SWITCHYARD_CLIENT_KEY"]);
    expect(readFileSync(keys, "utf8")).toContain("sk-or-v1-0123456789abcdef");
    expect(stdout + stderr + readFileSync(file, "utf8")).not.toMatch(/0123456789|AIzaSy|a-secret-of/);
    expect(parse(readFileSync(file, "utf8"))).toMatchObject({
      routes: { default: "deepseek,deepseek-chat" },
    });
  });

  it("asks before it keeps a key; where nobody can be asked it says so and writes nothing", async () => {
    const { run, keys, file } = place();
    const { stderr, status } = await run("import", fixture("ccr-v1.json"), "--output", file);
    expect(status).toBe(2);
    expect(stderr).toMatch(/OPENROUTER_API_KEY.*nobody can be asked[\s\S]*--yes[\s\S]*--no-keys/);
    expect(existsSync(keys) || existsSync(file)).toBe(false);
  });

  it("--no-keys keeps none and names those to set", async () => {
    const { run, keys, file } = place();
    const { stderr, status } = await run("import", fixture("tiers.env"), "--output", file, "--no-keys");
    expect(status, stderr).toBe(0);
    expect(stderr).toContain("set ZAI_API_KEY yourself");
    expect(existsSync(keys)).toBe(false);
    expect(existsSync(file)).toBe(true);
  });

  it("a key that keys.env has with another value is not written over", async () => {
    const { run, user, keys, file } = place();
    mkdirSync(join(user.home, ".config/switchyard"), { recursive: true });
    writeFileSync(keys, "ZAI_API_KEY=mine\n", { mode: 0o600 });
    const { status, stderr } = await run("import", fixture("tiers.env"), "--output", file, "--yes");
    expect(status, stderr).toBe(0);
    expect(readFileSync(keys, "utf8")).toBe("ZAI_API_KEY=mine\nZAI_API_KEY_2=sk-glm-0123456789abcdef\n");
    expect(readFileSync(file, "utf8")).toContain("${ZAI_API_KEY_2}");
  });

  it("a configuration that is there keeps its own text; what would be replaced is refused with its keys", async () => {
    const { run, file } = place(own);
    const refused = await run("import", fixture("routing-rules.json"), "--config", file, "--write", "--yes");
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch(/says something else of .*routes\.default[\s\S]*--force/);
    expect(refused.stdout).toMatch(/^- {3}default: "demo,echo"/m);
    expect(readFileSync(file, "utf8")).toBe(own);
  });

  it("--force replaces it, and keeps the file before; comments stay", async () => {
    const { run, user, file } = place(own);
    chmodSync(file, 0o600);
    const { status, stderr } = await run(
      "import",
      fixture("routing-rules.json"),
      "--config",
      file,
      "--write",
      "--yes",
      "--force",
    );
    expect(status, stderr).toBe(0);
    const after = readFileSync(file, "utf8");
    expect(after).toContain("# mine");
    expect(after).toContain("# of the team");
    expect(parse(after)).toMatchObject({
      routes: {
        default: ["anthropic,claude-sonnet-4-5", "anthropic,claude-opus-4-1", "openrouter,openai/gpt-4o"],
      },
    });
    const kept = filesBelow(user.state).filter((name) => name.includes("config-backups/"));
    expect(kept.map((name) => readFileSync(join(user.state, name), "utf8"))).toEqual([own]);
    expect(stderr).toContain(kept[0]);
  });

  it("taken over twice, the second time changes nothing", async () => {
    const { run, file } = place();
    await run("import", fixture("ccs"), "--config", file, "--write", "--yes");
    const first = readFileSync(file, "utf8");
    const { stdout, status, stderr } = await run(
      "import",
      fixture("ccs"),
      "--config",
      file,
      "--write",
      "--yes",
    );
    expect(status, stderr).toBe(0);
    expect(stdout).toContain("says all of it already");
    expect(readFileSync(file, "utf8")).toBe(first);
  });

  it("--json is one object with findings, names of keys and the text", async () => {
    const { run, file } = place();
    const { stdout, status } = await run("import", fixture("tiers.env"), "--config", file, "--json");
    expect(status).toBe(0);
    const out = JSON.parse(stdout) as { kind: string; keys: string[]; findings: unknown[]; written: boolean };
    expect(out).toMatchObject({ kind: "claude-code-proxy", keys: ["ZAI_API_KEY"], written: false });
    expect(out.findings).toContainEqual({
      file: fixture("tiers.env"),
      line: 8,
      key: "ANTHROPIC_DEFAULT_HAIKU_MODEL",
      outcome: "mapped",
      to: "routes.haiku",
      why: "",
    });
  });
});

describe("what import says where it cannot go on", () => {
  const write = (user: Sandbox, name: string, text: string): string => {
    const file = join(user.workspace, name);
    writeFileSync(file, text);
    return file;
  };

  it("a file that is nothing known lists what is", async () => {
    const { run, user } = place();
    const { status, stderr } = await run("import", write(user, "x.json", '{ "a": 1 }'));
    expect(status).toBe(2);
    expect(stderr).toMatch(/no configuration that is known here[\s\S]*claude-code-router[\s\S]*--from/);
  });

  it("a folder with the files of two tools asks which", async () => {
    const { run, user, file } = place();
    write(user, "config.json", readFileSync(fixture("ccr-v1.json"), "utf8"));
    write(user, ".env", readFileSync(fixture("tiers.env"), "utf8"));
    const { status, stderr } = await run("import", user.workspace);
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /claude-code-router \(config\.json\), or of claude-code-proxy \(\.env\)[\s\S]*--from ccr, or --from claude-code-proxy/,
    );
    const told = await run("import", user.workspace, "--from", "ccr", "--config", file);
    expect(told.status, told.stderr).toBe(0);
    expect(told.stdout).toMatch(/not read.*\.env/);
  });

  it("a custom router that is there goes on; one that is not is told", async () => {
    const { run, user, file } = place();
    const script = write(user, "my-router.js", "module.exports = async () => null;");
    const text = (path: string): string =>
      JSON.stringify({
        CUSTOM_ROUTER_PATH: path,
        Providers: [
          { name: "one", api_base_url: "http://127.0.0.1:1/v1/chat/completions", api_key: "", models: ["m"] },
        ],
        Router: { default: "one,m" },
      });
    const kept = await run("import", write(user, "a.json", text(script)), "--output", file);
    expect(kept.status, kept.stderr).toBe(0);
    expect(parse(readFileSync(file, "utf8"))).toMatchObject({ rulesScript: script });
    const gone = await run("import", write(user, "b.json", text("$HOME/none.js")));
    expect(gone.stdout).toMatch(/✗ .*CUSTOM_ROUTER_PATH .*no such file/);
  });

  it("a password in the address of a proxy is a key like any other", async () => {
    const { run, user, keys, file } = place();
    const text = {
      PROXY_URL: "http://me:secret-of-mine@127.0.0.1:7890",
      Providers: [
        { name: "one", api_base_url: "http://10.0.0.1/v1/chat/completions", api_key: "", models: ["m"] },
      ],
      Router: { default: "one,m" },
    };
    const { stdout, stderr, status } = await run(
      "import",
      write(user, "a.json", JSON.stringify(text)),
      "--output",
      file,
      "--yes",
    );
    expect(status, stderr).toBe(0);
    expect(stdout + stderr + readFileSync(file, "utf8")).not.toContain("secret-of-mine");
    expect(readFileSync(keys, "utf8")).toContain("PROXY_URL=http://me:secret-of-mine@127.0.0.1:7890");
  });

  it("a broken file is told with its line, and nothing of its text", async () => {
    const { run, user } = place();
    const broken = write(
      user,
      "config.json",
      '{\n  "Providers": [\n    { "api_key": "sk-0123456789abcdef" "name": "x" }\n  ]\n}\n',
    );
    const { status, stderr } = await run("import", broken);
    expect(status).toBe(2);
    expect(stderr).toMatch(/config\.json:3:\d+/);
    expect(stderr).not.toContain("0123456789");
  });

  it("an unknown kind gets the nearest name", async () => {
    const { stderr, status } = await place().run("import", fixture("litellm.yaml"), "--from", "litelm");
    expect([status, stderr]).toEqual([2, expect.stringContaining('Did you mean "litellm"')]);
  });

  it("a file that is not there", async () => {
    const { stderr, status } = await place().run("import", "nowhere.json");
    expect([status, stderr]).toEqual([2, expect.stringContaining("nowhere.json cannot be read (ENOENT)")]);
  });

  it("a route to a provider that the file itself does not have is an error of the import, and nothing is written", async () => {
    const { run, user, file } = place();
    const wrong = write(user, "config.json", '{ "Providers": [], "Router": { "default": "gone,model" } }');
    const { status, stderr } = await run("import", wrong, "--output", file, "--yes");
    expect(status).toBe(2);
    expect(stderr).toMatch(/there is no provider "gone"/);
    expect(existsSync(file)).toBe(false);
  });
});

describe("switchyard export", () => {
  it("claude-code-router's form says again what was imported from it", async () => {
    const { run, file } = place();
    await run("import", fixture("ccr-v1.json"), "--config", file, "--write", "--yes");
    const { stdout, stderr, status } = await run("export", "ccr", "--config", file);
    expect(status, stderr).toBe(0);
    const { Router, Providers, PORT } = JSON.parse(stdout) as Record<string, unknown>;
    const before = JSON.parse(readFileSync(fixture("ccr-v1.json"), "utf8")) as {
      Router: Record<string, unknown>;
    };
    expect([Router, PORT]).toEqual([{ ...before.Router }, 3456]);
    expect(Providers).toContainEqual({
      name: "gemini",
      api_base_url: "https://generativelanguage.googleapis.com/v1beta/models/",
      api_key: "$GEMINI_API_KEY",
      models: ["gemini-2.5-flash"],
      transformer: { use: ["gemini"] },
    });
    expect(stderr).toMatch(/^✗ +models +- +\S/m);
    expect(stdout + stderr).not.toMatch(/0123456789|AIzaSy/);
  });

  it("LiteLLM's form has the names and what stands behind them", async () => {
    const { run, file, user } = place();
    await run("import", fixture("litellm.yaml"), "--config", file, "--write", "--yes");
    const out = join(user.workspace, "config.yaml");
    const { stderr, status } = await run("export", "litellm", "--config", file, "--output", out);
    expect(status, stderr).toBe(0);
    const { model_list: list, router_settings: router } = parse(readFileSync(out, "utf8")) as {
      model_list: { model_name: string; litellm_params: Record<string, unknown> }[];
      router_settings: { fallbacks: Record<string, string[]>[] };
    };
    const names = list.map(({ model_name: name }) => name);
    expect(list.find(({ model_name: name }) => name === "own")?.litellm_params).toMatchObject({
      model: "openai/served-model",
      api_base: "http://10.0.0.5:8000/v1",
    });
    expect(router.fallbacks).toContainEqual({
      "gpt-4o": ["gemini,gemini-2.5-pro", "openrouter,google/gemini-2.5-pro", "openai-2,served-model"],
    });
    for (const group of router.fallbacks.flatMap((each) => Object.values(each).flat()))
      expect(names).toContain(group);
    expect(readFileSync(out, "utf8")).not.toContain("0123456789");
    const again = await run("export", "litellm", "--config", file, "--output", out);
    expect([again.status, again.stderr]).toEqual([2, expect.stringContaining("is there already")]);
  });

  it("a tool that is none gets the nearest name", async () => {
    const { stderr, status } = await place().run("export", "litelm");
    expect([status, stderr]).toEqual([2, expect.stringContaining('Did you mean "litellm"')]);
  });
});
