/** Profiles as a user writes them: in files, in the configuration, over one another; and what each then serves. */
import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { containerConfig } from "../../src/config/container.ts";
import { keeper, readKept } from "../../src/config/kept-config.ts";
import { loadConfig } from "../../src/config/load.ts";
import { changedSince, possibleFiles, watchFiles } from "../../src/config/watch.ts";
import { type Config, type ProfileConfig, targetName } from "../../src/config/types.ts";
import { until } from "../support/cli.ts";
import { errorOf, errorsOf, place } from "./support.ts";

const base = `
providers:
  one: { dialect: openai-chat, baseUrl: "http://127.0.0.1:1/v1", keys: [] }
  two: { dialect: openai-chat, baseUrl: "http://127.0.0.1:2/v1", keys: [] }
routes:
  default: "one,default"
  background: "one,background"
  longContext: "one,long"
  think: "one,think"
  webSearch: "one,search"
  image: ["demo,echo"]
`;
const withProfiles = (text: string): Config => place(`${base}profiles:\n${text}`).load();
const profile = (config: Config, name: string): ProfileConfig => {
  const found = config.profiles.get(name);
  if (found === undefined) throw new Error(`there is no profile ${name}`);
  return found;
};
const routesOf = ({ routes }: ProfileConfig): Record<string, string[]> =>
  Object.fromEntries(Object.entries(routes).map(([name, { use }]) => [name, use.map(targetName)]));

describe("the routes of a profile", () => {
  test("that names sonnet's model are its own, and what only some models can do is taken over", () => {
    const config = withProfiles('  fast: { models: { sonnet: "two,s", haiku: ["two,h", "one,h"] } }\n');
    expect(routesOf(profile(config, "fast"))).toEqual({
      webSearch: ["one,search"],
      sonnet: ["two,s"],
      haiku: ["two,h", "one,h"],
      default: ["two,s"],
    });
    expect(profile(config, "fast").tierFirst).toBe(true);
  });

  test("that leaves sonnet and all others alone are those of the configuration, with its own over them", () => {
    const config = withProfiles('  deep: { models: { opus: "two,o" }, routes: { think: "two,t" } }\n');
    expect(routesOf(profile(config, "deep"))).toEqual({
      longContext: ["one,long"],
      background: ["one,background"],
      webSearch: ["one,search"],
      image: ["demo,echo"],
      think: ["two,t"],
      opus: ["two,o"],
      default: ["one,default"],
    });
  });

  test("say themselves where all others go, and take a route away that has nothing behind it", () => {
    const config = withProfiles(
      '  mine: { models: { sonnet: "two,s" }, routes: { default: "two,d", webSearch: , longContext: { use: "two,l", threshold: 9000 } } }\n',
    );
    expect(routesOf(profile(config, "mine"))).toEqual({
      longContext: ["two,l"],
      sonnet: ["two,s"],
      default: ["two,d"],
    });
    expect(profile(config, "mine").routes.longContext?.threshold).toBe(9000);
  });
});

describe("what the client of a profile is told", () => {
  test("is its window, by both of the client's names for it, its output, effort and switches", () => {
    const config = withProfiles(
      "  p: { contextWindow: 200000, maxOutputTokens: 32000, effort: high, client: { disableThinking: true, disablePromptCaching: false } }\n",
    );
    expect(profile(config, "p").clientEnv).toEqual({
      CLAUDE_CODE_MAX_CONTEXT_TOKENS: "200000",
      CLAUDE_CODE_AUTO_COMPACT_WINDOW: "200000",
      CLAUDE_CODE_MAX_OUTPUT_TOKENS: "32000",
      CLAUDE_CODE_EFFORT_LEVEL: "high",
      CLAUDE_CODE_DISABLE_THINKING: "1",
    });
  });
});

describe("profiles lie", () => {
  const file = (model: string): string => `models: { sonnet: "${model}" }\ncontextWindow: 100000\n`;

  test("in config/profiles, in a folder beside the user's file, and in that file: the last wins, key by key", () => {
    const here = place();
    here.write("config/profiles/p.yaml", `description: tracked\n${file("demo,a")}effort: low\n`);
    const own = here.write("mine/own.yaml", 'profiles: { p: { models: { sonnet: "demo,c" } } }\n');
    here.write("mine/profiles/p.yaml", `${file("demo,b")}description: mine\n`);
    here.write("mine/profiles/q.yaml", file("demo,q"));
    const config = here.load({}, { file: own });
    expect(routesOf(profile(config, "p"))["sonnet"]).toEqual(["demo,c"]);
    expect(profile(config, "p")).toMatchObject({
      description: "mine",
      effort: "low",
      contextWindow: 100_000,
    });
    expect(profile(config, "q").file).toBe("mine/profiles/q.yaml");
    expect(config.files).toEqual(
      expect.arrayContaining(
        ["config/profiles/p.yaml", "mine/profiles/q.yaml"].map((f) => join(here.root, f)),
      ),
    );
  });

  test("in files that end in .yaml: another ending is told of", () => {
    const here = place();
    here.write("config/profiles/p.yml", file("demo,a"));
    const config = here.load();
    expect(config.profiles.size).toBe(0);
    expect(config.notices).toContainEqual(expect.stringMatching(/p\.yml is not read.*ends in \.yaml/));
  });

  test("in files that are seen: what editors and macOS hide beside them breaks nothing", () => {
    const here = place();
    here.write("config/profiles/p.yaml", file("demo,a"));
    symlinkSync("nobody@host.1234", join(here.root, "config/profiles/.#p.yaml"));
    writeFileSync(join(here.root, "config/profiles/._p.yaml"), Buffer.from([0, 5, 22, 7, 0, 2]));
    expect([...here.load().profiles.keys()]).toEqual(["p"]);
  });

  test("in files: a pipe of such a name is told of, and nobody waits for it", () => {
    const here = place();
    here.write("config/profiles/P.YAML", file("demo,a"));
    spawnSync("mkfifo", [join(here.root, "config/profiles/pipe.yaml")]);
    const { profiles, notices } = here.load();
    expect(profiles.size).toBe(0);
    expect(notices).toContainEqual(expect.stringMatching(/pipe\.yaml is not read.*no pipe/));
    expect(notices).toContainEqual(expect.stringMatching(/P\.YAML is not read.*ends in \.yaml/));
  });

  test("in a container's configuration as well, with the same routes", () => {
    const here = place(base);
    here.write("config/profiles/p.yaml", `${file("two,a")}routes: { webSearch: }\n`);
    const there = place();
    const inside = there.write("inside.yaml", containerConfig(here.source(), { port: 3000 }));
    const config = loadConfig(
      there.options({ SWITCHYARD_CLIENT_KEY: "k" }, { file: inside, keyFiles: false }),
    );
    const { file: _here, ...expected } = profile(here.load(), "p");
    expect(profile(config, "p")).toMatchObject(expected);
  });
});

describe("a mistake in a profile is told", () => {
  test("a name that every object has is one like any other, and none is lost", () => {
    expect(withProfiles('  constructor: { models: { sonnet: "two,s" } }\n').profiles.size).toBe(1);
    const { detail } = errorOf(() => withProfiles('  __proto__: { models: { sonnet: "two,s" } }\n'));
    expect(detail).toContain('found the name "__proto__"');
  });

  test("with its file, line and key, and the nearest name", () => {
    const here = place();
    here.write("config/profiles/p.yaml", 'models:\n  opuss: "demo,a"\nefort: high\n');
    here.write("config/profiles/q.yaml", 'models:\n  opus: ["demo,a", "opnrouter,b"]\n');
    const { detail } = errorOf(() => here.load());
    expect(detail).toContain(
      'config/profiles/p.yaml:2:3 profiles.p.models: unknown key "opuss". Did you mean "opus"?',
    );
    expect(detail).toContain(
      'config/profiles/p.yaml:3:1 profiles.p: unknown key "efort". Did you mean "effort"?',
    );
    expect(detail).toContain('config/profiles/q.yaml:2:20 profiles.q.models.opus[1]: found "opnrouter,b"');
    expect(detail).toContain('Did you mean "openrouter"?');
  });

  test.each([
    ["a name that is no path", '"a b": {}', 'found the name "a b", expected letters'],
    ["a name that means none", "Default: {}", 'found the name "Default"'],
    [
      "a model and a route for the same",
      'p: { models: { opus: "demo,a" }, routes: { opus: "demo,b" } }',
      "profiles.p.routes.opus: is set as profiles.p.models.opus, too",
    ],
    ["a switch that is none", "p: { client: { disableThinkin: true } }", 'Did you mean "disableThinking"?'],
    ["an empty list", "p: { models: { opus: [] } }", "profiles.p.models.opus: found an empty list"],
  ])("%s", (_what, text, words) => {
    expect(errorsOf(`profiles:\n  ${text}\n`).join("\n")).toContain(words);
  });
});

describe("a preset that only a profile names", () => {
  const profiles = 'profiles: { glm: { models: { sonnet: "ZAI,glm-4.6" } } }\n';

  test("is a provider once its key is set", () => {
    const config = place(profiles).load({ ZAI_API_KEY: "sk-zai-0123456789" });
    expect(config.providers.get("zai")).toMatchObject({ dialect: "anthropic", disabled: undefined });
    expect(routesOf(profile(config, "glm"))["default"]).toEqual(["zai,glm-4.6"]);
    expect(profile(config, "glm").disabled).toBeUndefined();
    expect(config.secrets).toContain("sk-zai-0123456789");
  });

  test("costs nothing before: the profile says what it lacks, and nobody else does", () => {
    const config = place(profiles).load();
    expect(profile(config, "glm").disabled).toBe("ZAI_API_KEY is not set");
    expect(config.providers.has("zai")).toBe(false);
    expect(config.notices.join("\n")).not.toContain("zai");
  });

  test("reaches a container with its key", () => {
    const source = place(profiles).source({ ZAI_API_KEY: "sk-zai-0123456789" });
    const text = containerConfig(source, { port: 3000 });
    expect(text).toContain("${ZAI_API_KEY}");
    expect(text).not.toContain("sk-zai");
  });

  test("is skipped in a list beside another that can be asked", () => {
    const config = place(
      'profiles: { p: { models: { opus: "zai,glm-4.6", sonnet: ["zai,glm-4.6", "demo,a"] } } }\n',
    ).load();
    expect(profile(config, "p").disabled).toBeUndefined();
    expect(routesOf(profile(config, "p"))).toEqual({ sonnet: ["demo,a"], default: ["demo,a"] });
    expect(profile(config, "p").models.opus?.map(targetName)).toEqual(["zai,glm-4.6"]);
  });
});

describe("a file of a profile that is changed, made or removed", () => {
  test("is seen, whatever its name", async () => {
    const here = place();
    const folder = join(here.root, "config", "profiles");
    mkdirSync(folder);
    const files = possibleFiles({ env: here.options().env, keyFiles: true, root: here.root });
    let changes = 0;
    const watched = watchFiles(files, () => void changes++, { quiet: 1 });
    try {
      here.write("config/profiles/brand-new.yaml", "description: new\n");
      await until(() => changes > 0, "the change");
      expect(changedSince(files, Date.now() - 60_000)).toBe(true);
      expect(changedSince(files, Date.now() + 60_000)).toBe(false);
    } finally {
      watched.close();
    }
  });

  test("makes the configuration that was kept for the next start one that is not used", () => {
    const here = place();
    here.write("config/profiles/p.yaml", 'models: { sonnet: "demo,a" }\n');
    const cache = join(here.home, "cache/v24");
    mkdirSync(cache, { recursive: true });
    const kept = keeper(here.options(), cache);
    kept.keep(loadConfig(kept.options));
    expect(readKept(here.options(), cache)?.profiles.has("p")).toBe(true);
    here.write("config/profiles/q.yaml", 'models: { sonnet: "demo,a" }\n');
    expect(readKept(here.options(), cache)).toBeUndefined();
  });
});
