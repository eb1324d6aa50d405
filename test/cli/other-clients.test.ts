/** `switchyard env`, `persist` and `unpersist`: what is printed for a shell, and what becomes of a client's own settings. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Connection } from "../../src/cli/clients/client.ts";
import { findSettings } from "../../src/cli/clients/index.ts";
import { persist, unpersist } from "../../src/cli/clients/persisted.ts";
import { shown } from "../../src/cli/clients/shells.ts";
import { sandbox, type Sandbox } from "../support/cli.ts";
import { testConfig } from "../support/config.ts";

let own: Sandbox;
beforeEach(() => {
  own = sandbox();
});
afterEach(() => own.remove());

/** Nobody listens there. */
const nowhere = ["--url", "http://127.0.0.1:9"];
const env = async (...args: string[]) => {
  const { status, stdout, stderr } = await own.run(["env", ...args]);
  return { status, stdout, stderr };
};
interface Printed {
  variables: Record<string, string | null>;
  arguments: string[];
}
const json = async (...args: string[]): Promise<Printed> =>
  JSON.parse((await env(...args, ...nowhere, "--format", "json")).stdout) as Printed;

describe("switchyard env", () => {
  it("prints what a shell takes by eval, whatever signs are in it", async () => {
    const { stdout } = await env("claude", ...nowhere);
    const shell = execFileSync(
      "sh",
      ["-c", `${stdout}\necho "$ANTHROPIC_BASE_URL|\${ANTHROPIC_API_KEY-unset}"`],
      {
        env: { ANTHROPIC_API_KEY: "sk-of-the-user" },
        encoding: "utf8",
      },
    );
    expect(shell.trim()).toBe("http://127.0.0.1:9|unset");
    const awkward = { variables: { A: `it's $HOME \\ "x"`, B: null }, command: "c", args: ["-c", `a="b's"`] };
    const sh = shown("sh", awkward);
    expect(execFileSync("sh", ["-c", `${sh}\nprintf %s "$A"`], { encoding: "utf8" })).toBe(
      awkward.variables.A,
    );
    const aliased = `shopt -s expand_aliases; c() { :; }; ${sh.replace("alias c='c ", "alias d='printf %s\\\\n ")}\nd`;
    expect(execFileSync("bash", ["-c", aliased], { encoding: "utf8" })).toBe(`-c\na="b's"\n`);
    expect(shown("fish", awkward).split("\n")).toEqual([
      String.raw`set -gx A 'it\'s $HOME \\ "x"'`,
      "set -e B",
      String.raw`alias c 'c \'-c\' \'a="b\\\'s"\''`,
    ]);
    expect(shown("powershell", awkward).split("\n")).toEqual([
      `$env:A = 'it''s $HOME \\ "x"'`,
      "Remove-Item Env:B -ErrorAction SilentlyContinue",
      "function c { & (Get-Command -CommandType Application c)[0] '-c' 'a=\"b''s\"' @args }",
    ]);
  });

  it("a profile is in the address, and its limits are variables", async () => {
    const { variables } = await (async () => {
      const { stdout } = await own.run(
        ["env", "claude", "--profile", "glm", ...nowhere, "--format", "json"],
        { env: { ZAI_API_KEY: "sk-provider-0123456789" } },
      );
      expect(stdout).not.toContain("sk-provider-0123456789");
      return JSON.parse(stdout) as Printed;
    })();
    expect(variables["ANTHROPIC_BASE_URL"]).toBe("http://127.0.0.1:9/p/glm");
    expect(variables).toHaveProperty("CLAUDE_CODE_MAX_CONTEXT_TOKENS");
  });

  it("with keys of clients each client gets one of its own, the same each time, for its owner alone", async () => {
    expect((await json("openai")).variables["OPENAI_API_KEY"]).toBe("none-needed");
    await own.run(["keys", "create", "alice"]);
    const key = (await json("openai")).variables["OPENAI_API_KEY"];
    expect(key).toMatch(/^swk-/);
    expect((await json("openai")).variables["OPENAI_API_KEY"]).toBe(key);
    expect((await json("codex")).variables["SWITCHYARD_CODEX_KEY"]).not.toBe(key);
    expect((await own.run(["keys", "list"])).stdout).toContain("openai-on-this-machine");
    expect(statSync(join(own.state, "clients/openai-on-this-machine.key")).mode & 0o777).toBe(0o600);
    await own.run(["keys", "revoke", "openai-on-this-machine"]);
    const next = (await json("openai")).variables["OPENAI_API_KEY"];
    expect(next).toMatch(/^swk-/);
    expect(next).not.toBe(key);
    await own.run(["keys", "rotate", "openai-on-this-machine"]);
    const refused = await env("openai", ...nowhere);
    expect(refused.status).not.toBe(0);
    expect(refused.stderr).toContain("switchyard keys revoke openai-on-this-machine");
  });

  it("leads Gemini CLI by its address, a key and settings that ask with the key, and away from a login", async () => {
    const { variables } = await json("gemini");
    expect(variables).toMatchObject({
      GOOGLE_GEMINI_BASE_URL: "http://127.0.0.1:9",
      GEMINI_API_KEY: "none-needed",
      GOOGLE_API_KEY: null,
      GOOGLE_GENAI_USE_VERTEXAI: null,
    });
    const settings = readFileSync(variables["GEMINI_CLI_SYSTEM_SETTINGS_PATH"]!, "utf8");
    expect(JSON.parse(settings)).toEqual({ security: { auth: { selectedType: "gemini-api-key" } } });
  });

  it("says which clients there are, and which was probably meant", async () => {
    const copilot = await env("copilot", ...nowhere);
    expect(copilot.status).toBe(2);
    expect(copilot.stderr).toContain("claude, codex, gemini, openai, opencode");
    expect((await env("claud", ...nowhere)).stderr).toContain('Did you mean "claude"');
    expect((await env("claude", "--profile", "gml", ...nowhere)).stderr).toContain('Did you mean "glm"');
  });
});

describe("switchyard persist and unpersist", () => {
  it("lead the client there and back, and say what was done", async () => {
    const file = join(own.home, ".claude/settings.json");
    mkdirSync(dirname(file));
    const before =
      '{\n    "model": "opus",\n    "env": {"ANTHROPIC_BASE_URL": "https://other", "MINE": "1"}\n}';
    writeFileSync(file, before);
    const done = await own.run(["persist", "claude", ...nowhere]);
    expect(done.stderr).toContain(`${file} leads Claude Code to http://127.0.0.1:9`);
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
      model: "opus",
      env: { ANTHROPIC_BASE_URL: "http://127.0.0.1:9", MINE: "1" },
    });
    expect((await own.run(["persist", "claude", ...nowhere])).stderr).toContain("says so already");
    expect((await own.run(["unpersist", "claude"])).stderr).toContain("is what it was");
    expect(readFileSync(file, "utf8")).toBe(before);
    expect((await own.run(["unpersist", "claude"])).stderr).toContain("was not written by");
    expect((await own.run(["persist", "openai"])).status).toBe(2);
  });
});

describe("switchyard persist gemini", () => {
  it("writes its variables and its way to sign in, and unpersist takes both back to the byte", async () => {
    const [dotenv, settings] = [join(own.home, ".gemini/.env"), join(own.home, ".gemini/settings.json")];
    mkdirSync(dirname(dotenv));
    const before = [
      "GEMINI_API_KEY=mine\nOTHER=1",
      '{ "security": { "auth": { "selectedType": "oauth-personal" } } } // mine',
    ];
    writeFileSync(dotenv, before[0]!);
    writeFileSync(settings, before[1]!);
    expect((await own.run(["persist", "gemini", ...nowhere])).status).toBe(0);
    const written = readFileSync(dotenv, "utf8");
    expect(written).toContain("GEMINI_API_KEY=mine\nOTHER=1\n# >>> switchyard >>>");
    // Of the same name the last counts.
    expect(written.lastIndexOf('GEMINI_API_KEY="none-needed"')).toBeGreaterThan(written.indexOf("=mine"));
    expect(written).toContain('GOOGLE_GEMINI_BASE_URL="http://127.0.0.1:9"');
    expect(readFileSync(settings, "utf8")).toContain('"selectedType": "gemini-api-key" } } } // mine');
    expect((await own.run(["persist", "gemini", ...nowhere])).stderr.match(/says so already/g)).toHaveLength(
      2,
    );
    expect((await own.run(["unpersist", "gemini"])).status).toBe(0);
    expect([readFileSync(dotenv, "utf8"), readFileSync(settings, "utf8")]).toEqual(before);
  });

  it("keeps what the user changed meanwhile", async () => {
    const dotenv = join(own.home, ".gemini/.env");
    await own.run(["persist", "gemini", ...nowhere]);
    writeFileSync(dotenv, `FIRST=1\n${readFileSync(dotenv, "utf8")}LAST=2\n`);
    expect((await own.run(["unpersist", "gemini"])).stderr).toContain("your changes stay");
    expect(readFileSync(dotenv, "utf8")).toBe("FIRST=1\nLAST=2\n");
  });
});

describe("settings of", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "switchyard-clients-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const connection = (more: Partial<Connection> = {}): Connection => ({
    baseUrl: "http://127.0.0.1:3000",
    key: "swk-own",
    needsKey: true,
    passthrough: false,
    profile: undefined,
    config: testConfig(""),
    ...more,
  });
  const of = (name: string) => {
    const { settings } = findSettings(name);
    const file = join(folder, "settings");
    return {
      file,
      write: (text: string) => writeFileSync(file, text),
      read: () => readFileSync(file, "utf8"),
      persist: (more?: Partial<Connection>) =>
        persist(folder, name, settings, file, (text) => settings.put(text, connection(more))),
      unpersist: () => unpersist(folder, name, settings, file),
    };
  };

  const toml =
    '# mine\nmodel = "gpt-5.5" # the good one\nmodel_provider = "openai"\n\n[tui]\n# quiet\nnotifications = false';

  it("Codex keep comments and places; a second time nothing is written, and back they are what they were", () => {
    const codex = of("codex");
    codex.write(toml);
    expect(codex.persist().changed).toBe(true);
    const text = codex.read();
    expect(text).toContain(
      'model = "gpt-5.5" # the good one\n# switchyard put aside: model_provider = "openai"\n',
    );
    expect(text).toContain(
      '[model_providers.switchyard]\nname = "Switchyard"\nbase_url = "http://127.0.0.1:3000/v1"',
    );
    // Keys of TOML's root stand before the first table.
    expect(text.indexOf('model_provider = "switchyard"')).toBeLessThan(text.indexOf("[tui]"));
    expect(statSync(codex.file).mode & 0o077).toBe(0);
    expect(codex.persist().changed).toBe(false);
    expect(codex.persist({ baseUrl: "http://127.0.0.1:3000/p/glm" }).changed).toBe(true);
    expect(codex.read().match(/\[model_providers\.switchyard\]/g)).toHaveLength(1);
    expect(codex.unpersist()).toBe("exact");
    expect(codex.read()).toBe(toml);
  });

  it("Codex that were changed since keep the change and lose ours alone", () => {
    const codex = of("codex");
    codex.write(`${toml}\n`);
    codex.persist();
    codex.write(codex.read().replace("notifications = false", "notifications = true"));
    expect(codex.unpersist()).toBe("merged");
    expect(codex.read()).toBe(`${toml}\n`.replace("notifications = false", "notifications = true"));
  });

  it("Codex with a provider of that name of the user's own are left alone", () => {
    const codex = of("codex");
    const text = '[model_providers.switchyard]\nname = "mine"\n';
    codex.write(text);
    expect(() => codex.persist()).toThrow("a provider [model_providers.switchyard] of your own");
    expect(codex.read()).toBe(text);
  });

  it("Claude Code that were changed since keep the change, and what was replaced stands again", () => {
    const claude = of("claude");
    claude.write('{"env": {"ANTHROPIC_AUTH_TOKEN": "mine", "ANTHROPIC_API_KEY": "sk-mine"}}');
    claude.persist();
    expect(claude.read()).not.toContain("sk-mine");
    const changed = JSON.parse(claude.read()) as { env: Record<string, string> };
    writeFileSync(
      claude.file,
      JSON.stringify({
        ...changed,
        model: "sonnet",
        env: { ...changed.env, ANTHROPIC_BASE_URL: "https://later" },
      }),
    );
    expect(claude.unpersist()).toBe("merged");
    expect(JSON.parse(claude.read())).toEqual({
      model: "sonnet",
      env: {
        ANTHROPIC_AUTH_TOKEN: "mine",
        ANTHROPIC_API_KEY: "sk-mine",
        ANTHROPIC_BASE_URL: "https://later",
      },
    });
  });

  it("Claude Code leave the place of credentials to the user's own login where that is forwarded", () => {
    const claude = of("claude");
    claude.persist({ passthrough: true });
    expect(JSON.parse(claude.read())).toMatchObject({
      env: { ANTHROPIC_CUSTOM_HEADERS: "x-switchyard-key: swk-own" },
    });
    expect(claude.read()).not.toContain("ANTHROPIC_AUTH_TOKEN");
    expect(claude.unpersist()).toBe("exact");
    expect(existsSync(claude.file)).toBe(false);
  });

  it("opencode get our provider and its models, and keep what else stands there", () => {
    const opencode = of("opencode");
    opencode.write('{"theme": "x"}');
    opencode.persist({ config: testConfig('routes: { default: "demo,small" }') });
    expect(JSON.parse(opencode.read())).toMatchObject({
      theme: "x",
      model: "switchyard/auto",
      provider: { switchyard: { models: { auto: {}, "demo,small": {} } } },
    });
  });

  const commented =
    '\uFEFF{\r\n\t// mine\r\n\t"theme": "x", /* dark */\r\n\t"big": 12345678901234567890,\r\n\t"provider": {\r\n\t\t"own": {}, // by hand\r\n\t},\r\n}\r\n';

  it("opencode keep comments, line ends, large numbers and every other byte", () => {
    const opencode = of("opencode");
    opencode.write(commented);
    expect(opencode.persist().changed).toBe(true);
    const text = opencode.read();
    for (const kept of ["\uFEFF{\r\n\t// mine\r\n", '"x", /* dark */', "12345678901234567890,", "// by hand"])
      expect(text).toContain(kept);
    expect(text).toContain('"model": "switchyard/auto"');
    expect(text).not.toMatch(/[^\r]\n/);
    expect(opencode.persist().changed).toBe(false);
    expect(opencode.unpersist()).toBe("exact");
    expect(opencode.read()).toBe(commented);
  });

  it("opencode that were changed since lose ours alone, and keep the comments", () => {
    const opencode = of("opencode");
    opencode.write(commented);
    opencode.persist();
    opencode.write(opencode.read().replace("// mine", "// mine, and later"));
    expect(opencode.unpersist()).toBe("merged");
    const text = opencode.read();
    expect(text).not.toContain("switchyard");
    for (const kept of ["// mine, and later", "/* dark */", "12345678901234567890", '"own": {}, // by hand'])
      expect(text).toContain(kept);
  });

  it("of every client come back with the mode that they had", () => {
    for (const name of ["claude", "codex", "opencode"]) {
      const client = of(name);
      client.write(name === "codex" ? "" : "{}");
      chmodSync(client.file, 0o644);
      client.persist();
      expect(statSync(client.file).mode & 0o777).toBe(0o600);
      client.unpersist();
      expect(statSync(client.file).mode & 0o777).toBe(0o644);
    }
  });

  it("whose mode somebody has set since keep that one", () => {
    const claude = of("claude");
    claude.write("{}");
    chmodSync(claude.file, 0o644);
    claude.persist();
    chmodSync(claude.file, 0o640);
    claude.unpersist();
    expect(statSync(claude.file).mode & 0o777).toBe(0o640);
  });

  it("a file behind a link are changed where it lies, and the link stays", () => {
    const claude = of("claude");
    const real = join(folder, "dotfiles.json");
    writeFileSync(real, "{}");
    symlinkSync(real, claude.file);
    claude.persist();
    expect(readFileSync(real, "utf8")).toContain("swk-own");
    expect(claude.unpersist()).toBe("exact");
    expect(readFileSync(real, "utf8")).toBe("{}");
  });

  it.each([
    [
      "a name in quotes",
      '"model_provider" = "azure"\n[a]\nb = 1\n',
      '# switchyard put aside: "model_provider"',
    ],
    [
      "what looks like a table within a text",
      'notes = """\n[no table]\nmodel_provider = "text"\n"""\nmodel_provider = "azure"\n[t]\n',
      '[no table]\nmodel_provider = "text"\n"""\n# switchyard put aside: model_provider = "azure"',
    ],
    [
      "an array of several lines",
      'a = [\n  1,\n  [2] # "]\n]\nmodel_provider = "azure"\n',
      '\n# switchyard put aside: model_provider = "azure"',
    ],
    [
      "line ends of Windows",
      'model_provider = "azure"\r\n[a]',
      '# switchyard put aside: model_provider = "azure"\r\n',
    ],
  ])("Codex name one provider alone with %s, and come back byte for byte", (_what, text, expected) => {
    const codex = of("codex");
    codex.write(text);
    codex.persist();
    expect(codex.read()).toContain(expected);
    expect(codex.unpersist()).toBe("exact");
    expect(codex.read()).toBe(text);
  });

  it.each([
    ["codex", "in braces", "model_providers = { azure = {} }\n"],
    ["codex", "no valid TOML", "a = [broken\n"],
    ["codex", "a string or bracket is open", 'a = "broken\n'],
    ["codex", "byte order mark", "\uFEFFa = 1\n"],
    [
      "codex",
      "without its end",
      "# >>> switchyard >>> (taken out by: switchyard unpersist codex)\nmine = 1\n",
    ],
    ["codex", "of your own", 'model_providers.switchyard.name = "mine"\n'],
    ["claude", "cannot be understood: line 2", '{\n"env": [broken }'],
    ["claude", "are no JSON object", "[]"],
    ["opencode", "name the same key twice", '{"model": "a", "model": "b"}'],
    ["opencode", "not UTF-8", Buffer.from('\uFEFF{"theme":"x"}', "utf16le")],
    ["claude", "not UTF-8", Buffer.from('{"name":"caf\xe9"}', "latin1")],
  ])(
    "%s that could not be given back, or not be read any more, are left as they are (%s)",
    (name, why, text) => {
      const client = of(name);
      writeFileSync(client.file, text);
      expect(() => client.persist()).toThrow(why);
      expect(readFileSync(client.file)).toEqual(Buffer.from(text));
    },
  );

  it("Codex whose block lost its end keep what stands behind it", () => {
    const codex = of("codex");
    codex.write("");
    codex.persist();
    codex.write(codex.read().replace("# <<< switchyard <<<", "mine = 1"));
    codex.unpersist();
    expect(codex.read()).toContain("mine = 1");
  });

  it("a link to nothing yet stays a link, and a folder in their place is named", () => {
    const claude = of("claude");
    symlinkSync("dotfiles.json", claude.file);
    claude.persist();
    expect(readFileSync(join(folder, "dotfiles.json"), "utf8")).toContain("swk-own");
    claude.unpersist();
    expect(lstatSync(claude.file).isSymbolicLink()).toBe(true);
    rmSync(claude.file);
    mkdirSync(claude.file);
    expect(() => claude.persist()).toThrow("cannot be read (EISDIR)");
  });

  it("where they cannot be written, it is said which, and nothing is left to take back", () => {
    const claude = of("claude");
    // Where the new file would be made there is a folder: also root cannot write it.
    mkdirSync(`${claude.file}.${process.pid}.tmp`);
    claude.write("{}");
    expect(() => claude.persist()).toThrow(`${claude.file} cannot be written`);
    expect(claude.read()).toBe("{}");
    expect(claude.unpersist()).toBe("nothing");
  });
});
