import { parse } from "yaml";
import { describe, expect, test } from "vitest";
import { containerConfig, referencedVariables } from "../../src/config/container.ts";
import { loadConfig } from "../../src/config/load.ts";
import type { CustomRule } from "../../src/config/types.ts";
import type { ClientKeyCondition } from "../../src/config/types-rules.ts";
import { madeKeyId } from "../../src/shared/client-key.ts";
import { errorsOf, place } from "./support.ts";

const rulesOf = (text: string, env?: Record<string, string>): readonly CustomRule[] =>
  place(text).load(env).custom?.rules ?? [];

describe("rules of a configuration", () => {
  test("are none where none are written", () => {
    expect(place("").load().custom).toBeUndefined();
  });

  test("keep their order; one without a name bears its place", () => {
    const rules = rulesOf(
      [
        "rules:",
        "  - { name: first, when: { model: 'a*' }, use: 'demo,echo' }",
        "  - { when: { images: true }, use: ['demo,one', 'Demo,two'] }",
      ].join("\n"),
    );
    expect(rules.map(({ name }) => name)).toEqual(["first", "2"]);
    expect(rules[1]?.use).toEqual([
      { provider: "demo", model: "one" },
      { provider: "demo", model: "two" },
    ]);
  });

  test("read every condition", () => {
    const [rule] = rulesOf(
      `rules:
  - when:
      model: "Claude-*"
      system: [Explorer, "/^you/i"]
      lastUser: review
      tokens: { over: 10, under: 20 }
      tools: [Bash, "mcp__*"]
      images: false
      thinking: true
      profile: team
      hours: "mon-fri 09:00-18:00"
      timezone: Europe/Berlin
      subagent: true
      agent: "a*"
      session: s1
      header: { X-Team: blue, x-other: false }
    use: "demo,echo"`,
    );
    const glob = (shown: string) => ({ kind: "glob", text: shown.toLowerCase(), flags: "", shown });
    expect(rule?.when).toEqual({
      model: [glob("Claude-*")],
      system: [
        { kind: "text", text: "explorer", flags: "", shown: "Explorer" },
        { kind: "regex", text: "^you", flags: "i", shown: "/^you/i" },
      ],
      lastUser: [{ kind: "text", text: "review", flags: "", shown: "review" }],
      tokens: { over: 10, under: 20 },
      tools: [glob("Bash"), glob("mcp__*")],
      images: false,
      thinking: true,
      profile: [glob("team")],
      hours: { hours: [{ days: [1, 2, 3, 4, 5], from: 540, to: 1080 }], timezone: "Europe/Berlin" },
      subagent: true,
      agent: [glob("a*")],
      session: [glob("s1")],
      header: { "x-team": [glob("blue")], "x-other": false },
    });
  });

  const whole = `when: { model: x }, use: "demo,echo"`;
  const wrong: [string, string, ...string[]][] = [
    [
      "a condition that there is none of",
      "rules: [{ when: { modle: x }, use: 'demo,echo' }]",
      'config/switchyard.yaml:1:19 rules[0].when: unknown key "modle". Did you mean "model"?',
    ],
    [
      "a provider that there is none of",
      "rules: [{ when: { model: x }, use: 'dmo,echo' }]",
      'config/switchyard.yaml:1:36 rules[0].use: found "dmo,echo": there is no provider "dmo". Did you mean "demo"?',
    ],
    ["no target", "rules: [{ when: { model: x } }]", "config/switchyard.yaml:1:9 rules[0]: `use` is missing"],
    [
      "no condition",
      "rules: [{ use: 'demo,echo' }]",
      "config/switchyard.yaml:1:9 rules[0]: `when` is missing",
    ],
    [
      "an empty list of targets",
      "rules: [{ when: { model: x }, use: [] }]",
      "config/switchyard.yaml:1:36 rules[0].use: found an empty list, expected a target",
    ],
    [
      "a pattern that is no regular expression",
      "rules:\n  - { when: { system: [ok, '/(/'] }, use: 'demo,echo' }",
      "config/switchyard.yaml:2:28 rules[0].when.system[1]: found no regular expression (Unterminated group)",
    ],
    [
      "a flag that makes a pattern remember",
      "rules: [{ when: { model: '/x/g' }, use: 'demo,echo' }]",
      'config/switchyard.yaml:1:26 rules[0].when.model: found the flags "g", expected i, m, s, u',
    ],
    [
      "hours that are none",
      "rules: [{ when: { hours: noon }, use: 'demo,echo' }]",
      "config/switchyard.yaml:1:26 rules[0].when.hours: found no days and hours",
    ],
    [
      "a zone without hours",
      "rules: [{ when: { model: x, timezone: UTC }, use: 'demo,echo' }]",
      "config/switchyard.yaml:1:39 rules[0].when.timezone: has no effect without `hours`",
    ],
    [
      "numbers that exclude each other",
      "rules: [{ when: { tokens: { over: 5, under: 6 } }, use: 'demo,echo' }]",
      "config/switchyard.yaml:1:27 rules[0].when.tokens: no number is over 5 and under 6.",
    ],
    [
      "a condition of the wrong kind",
      "rules: [{ when: { images: perhaps }, use: 'demo,echo' }]",
      'config/switchyard.yaml:1:27 rules[0].when.images: found "perhaps", expected true or false.',
    ],
    ["a rule that is a text", "rules: [none]", "config/switchyard.yaml:1:9 rules[0]: found "],
    [
      "two rules of one name",
      `rules:\n  - { name: a, ${whole} }\n  - { name: a, ${whole} }`,
      "config/switchyard.yaml:3:13 rules[1].name: another rule has the same name.",
    ],
    [
      "the script's name",
      `rules: [{ name: script, ${whole} }]`,
      "config/switchyard.yaml:1:17 rules[0].name: `script` is the name of the script",
    ],
  ];
  test.each(wrong)("%s is told with its place", (_name, text, ...lines) => {
    const told = errorsOf(text);
    expect(told.map((line, i) => line.slice(0, lines[i]?.length))).toEqual(lines);
  });
});

describe("a client key in a condition", () => {
  const keys = 'server: { clientKeys: ["${ALICE_KEY:-}", "${BOB_KEY:-}"] }\n';
  const env = { ALICE_KEY: "alice-secret-1111", BOB_KEY: "bob-secret-2222" };
  const idsBy = (given: string): readonly (readonly string[])[] =>
    (
      rulesOf(`${keys}rules: [{ when: { clientKey: ${given} }, use: "demo,echo" }]`, env)[0]?.when
        .clientKey ?? []
    ).map(({ ids }) => ids);
  const clientKeyOf = (text: string, variables: Record<string, string>): ClientKeyCondition | undefined =>
    rulesOf(text, variables)[0]?.when.clientKey?.[0];

  test("may be the variable's name, the last four characters, or the variable", () => {
    const [alice] = idsBy("ALICE_KEY");
    expect(alice).toHaveLength(1);
    expect(idsBy("'1111'")[0]).toContain(alice![0]);
    expect(idsBy("'…1111'")).toEqual([alice]);
    expect(idsBy("'${ALICE_KEY}'")).toEqual([alice]);
    expect(idsBy("BOB_KEY")).not.toEqual([alice]);
  });

  test("has its variable's name also where there are no rules: budgets and the ledger go by it", () => {
    const { server } = place(keys).load(env);
    expect([...server.clientKeyNames]).toEqual([
      [idsBy("ALICE_KEY")[0]![0], "ALICE_KEY"],
      [idsBy("BOB_KEY")[0]![0], "BOB_KEY"],
    ]);
  });

  test("is never kept as it is", () => {
    const config = place(`${keys}rules: [{ when: { clientKey: "\${ALICE_KEY}" }, use: "demo,echo" }]`).load(
      env,
    );
    expect(JSON.stringify(config.custom)).not.toContain("alice-secret");
  });

  test("written out is refused, without a word of it", () => {
    const [line = ""] = errorsOf(
      'server: { clientKeys: [written-out-key-3333] }\nrules: [{ when: { clientKey: written-out-key-3333 }, use: "demo,echo" }]',
    );
    expect(line).toContain("rules[0].when.clientKey: found a whole key, expected ${VARIABLE}");
    expect(line).not.toContain("written-out-key");
  });

  test("that is misspelt is told with the nearest name", () => {
    const error = errorsOf(`${keys}rules: [{ when: { clientKey: ALICE_KYE }, use: "demo,echo" }]`);
    expect(error).toEqual([expect.stringContaining('Did you mean "ALICE_KEY"? Known: ALICE_KEY, BOB_KEY.')]);
  });

  test("may be the name that it was made with, which the configuration cannot know", () => {
    const made = clientKeyOf(`${keys}rules: [{ when: { clientKey: carol }, use: "demo,echo" }]`, env);
    expect(made).toEqual({ ids: [madeKeyId("carol")], shown: "carol", made: "carol" });
    // Of four characters it may be the end of another as well.
    const both = clientKeyOf(`${keys}rules: [{ when: { clientKey: "1111" }, use: "demo,echo" }]`, env);
    expect(both?.ids).toEqual([...idsBy("ALICE_KEY")[0]!, madeKeyId("1111")]);
  });

  test.each(["swk-0123456789abcdefghijklmnopqrstuvwxyzABCDEFG", "sk-0123456789", "a".repeat(40)])(
    "that looks like the key itself is refused: %s",
    (text) => {
      const [line = ""] = errorsOf(`${keys}rules: [{ when: { clientKey: ${text} }, use: "demo,echo" }]`);
      expect(line).toContain("expected the name of a variable in server.clientKeys, of a key made by");
      expect(line).not.toContain(text);
    },
  );

  test("that is not set matches nobody, and says so", () => {
    const config = place(`${keys}rules: [{ when: { clientKey: BOB_KEY }, use: "demo,echo" }]`).load({});
    expect(config.custom?.rules[0]?.when.clientKey?.[0]?.ids).toEqual([]);
    expect(config.notices).toContainEqual(
      expect.stringContaining("rules[0].when.clientKey names a variable"),
    );
  });
});

describe("the script of rules", () => {
  const text = "module.exports = (req) => `${req.body.model}, ${'ü'}`;\n";

  test("lies beside the file that names it, and is watched with it", () => {
    const here = place("rulesScript: ./mine/router.js\n");
    const file = here.write("config/mine/router.js", text);
    const config = here.load();
    expect(config.custom?.script).toEqual({ file, name: "router.js", text, timeout: 200 });
    expect(config.files).toContain(file);
  });

  test("may lie in the home, and take its own time", () => {
    const here = place("rulesScript: ~/router.ts\nrulesScriptTimeout: 1s\n");
    const file = here.write("~/router.ts", text);
    expect(here.load().custom?.script).toMatchObject({ file, timeout: 1000 });
  });

  test("is named by CUSTOM_ROUTER_PATH where the configuration names none", () => {
    const here = place("");
    const file = here.write("~/old-router.js", text);
    expect(here.load({ CUSTOM_ROUTER_PATH: file }).custom?.script?.file).toBe(file);
    here.write("config/switchyard.yaml", "rulesScript: ./new.ts\n");
    const own = here.write("config/new.ts", text);
    expect(here.load({ CUSTOM_ROUTER_PATH: file }).custom?.script?.file).toBe(own);
  });

  test.each([
    ["is not there", "./gone.ts", "config/gone.ts cannot be read (ENOENT)"],
    ["is no script", "./router.py", "config/router.py is no script, expected a name that ends in .ts"],
  ])("that %s is told with the place that names it", (_name, path, words) => {
    const [line = ""] = errorsOf(`log: { level: info }\nrulesScript: ${path}\n`);
    expect(line).toMatch(/^config\/switchyard\.yaml:2:14 rulesScript: /);
    expect(line).toContain(words);
  });

  test("goes into a container inside the configuration, as it is", () => {
    const here = place("rulesScript: ./router.js\n");
    here.write("config/router.js", text);
    const source = here.source();
    const written = containerConfig(source, { port: 3000 });
    expect(written).not.toContain(here.root);
    const inside = place(written);
    expect(loadConfig(inside.options({ SWITCHYARD_CLIENT_KEY: "k".repeat(20) })).custom?.script).toEqual({
      file: undefined,
      name: "router.js",
      text,
      timeout: 200,
    });
  });

  test("of this machine's environment leads nowhere in a container that has none", () => {
    const source = place("").source();
    expect((parse(containerConfig(source, { port: 1 })) as { rulesScript: string }).rulesScript).toBe("");
    expect(referencedVariables(source).map(({ name }) => name)).toContain("CUSTOM_ROUTER_PATH");
  });

  test("rules take their hours by this machine's clock into a container", () => {
    const source = place("rules: [{ when: { hours: '09:00-17:00' }, use: 'demo,echo' }]\n").source();
    const { rules } = parse(containerConfig(source, { port: 1 })) as {
      rules: [{ when: { timezone: string } }];
    };
    expect(rules[0].when.timezone).toBe(new Intl.DateTimeFormat().resolvedOptions().timeZone);
  });
});
