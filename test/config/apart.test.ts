/** The configuration as the router gets it: read in a process of its own, the tracked files from their kept trees. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { deserialize } from "node:v8";
import { describe, expect, test } from "vitest";
import { loadConfigApart, startLoader, type LoadAnswer } from "../../src/config/load-apart.ts";
import type { LoadOptions } from "../../src/config/source.ts";
import type { Config } from "../../src/config/types.ts";
import { SwitchyardError } from "../../src/shared/errors.ts";
import { place } from "./support.ts";

const own = `
providers:
  mine: { dialect: openai-chat, baseUrl: "http://127.0.0.1:9/v1", keys: ["\${MY_KEY}"], quirks: { extraBody: { a: [1, null] } } }
routes: { default: ["mine,some-model"] }
`;

const thrownBy = async (load: () => unknown): Promise<SwitchyardError> => {
  try {
    await load();
  } catch (error) {
    if (error instanceof SwitchyardError) return error;
    throw error;
  }
  throw new Error("it threw nothing");
};

describe("a configuration that is read apart", () => {
  test("is the same as one that is read here, variables and maps included", async () => {
    const here = place(own);
    const options = here.options({ MY_KEY: "sk-of-this-test" }, { port: 0 });
    const config = await loadConfigApart(options);
    expect(config).toEqual(here.load({ MY_KEY: "sk-of-this-test" }, { port: 0 }));
    expect(config.providers.get("mine")?.keys.map(({ value }) => value)).toEqual(["sk-of-this-test"]);
  });

  test("takes variables from what it is given, none from this process' environment", async () => {
    process.env["MY_KEY"] = "sk-of-the-environment";
    try {
      const config = await loadConfigApart(place(own).options());
      expect(config.providers.get("mine")?.disabled).toBe("MY_KEY is not set");
    } finally {
      delete process.env["MY_KEY"];
    }
  });

  test.each([
    ["two mistakes", "server: { prot: 1 }\nlog: { level: loud }\n"],
    ["a text that is no YAML", "server: {\n"],
  ])("says of %s what it says when it is read here: code, places, hint and exit status", async (_, text) => {
    const here = place(text);
    const expected = await thrownBy(() => here.load());
    const found = await thrownBy(() => loadConfigApart(here.options()));
    expect(found.message).toContain("config/switchyard.yaml:");
    const { message, code, hint, exitStatus } = expected;
    expect(found).toMatchObject({ message, code, hint, exitStatus });
  });

  test("says that its process failed, with its last words, and no stack", async () => {
    const options = { ...place().options(), file: 1 as unknown as string };
    const error = await thrownBy(() => loadConfigApart(options));
    expect(error.code).toBe("internal");
    expect(error.message).toMatch(/the process that reads the configuration failed\n {2}exit status 1\n/);
    expect(error.message).toMatch(/TypeError.*"paths\[0\]"/);
    expect(error.message).not.toMatch(/\n\s+at /);
  });

  test("says so when its process was killed", async () => {
    const loader = startLoader();
    loader.end();
    const error = await thrownBy(() => loader.load(place().options()));
    expect(error).toMatchObject({ code: "internal", exitStatus: 1 });
    expect(error.message).toContain("signal SIGKILL");
  });
});

/** Reads a configuration as the router's child does, with a compile cache in `cache`. */
const loadWithCache = (cache: string, options: LoadOptions): LoadAnswer => {
  const child = spawnSync(
    process.execPath,
    [resolve(import.meta.dirname, "../../src/config/load-child.ts")],
    { input: JSON.stringify(options), env: { NODE_COMPILE_CACHE: cache } },
  );
  return deserialize(child.stdout) as LoadAnswer;
};

const configIn = (answer: LoadAnswer): Config => {
  if ("error" in answer) throw new Error(answer.error.detail);
  return answer.config;
};

describe("the kept trees of the tracked files", () => {
  const keptIn = (cache: string): string => {
    const name = readdirSync(cache).find((each) => each.startsWith("trees-"));
    if (name === undefined) throw new Error("nothing was kept");
    return join(cache, name);
  };

  test("are used at the next start, and give the same", () => {
    const here = place(own);
    const cache = join(here.home, "cache");
    const options = here.options({ MY_KEY: "sk-of-this-test" });
    const first = loadWithCache(cache, options);
    // What is kept is what is used: a text that only the kept trees have.
    const file = keptIn(cache);
    const kept = readFileSync(file, "latin1");
    expect(kept).toContain("openrouter.ai");
    expect(loadWithCache(cache, options)).toEqual(first);
    writeFileSync(file, kept.replaceAll("openrouter.ai", "openrouter.xy"), "latin1");
    const second = configIn(loadWithCache(cache, options));
    expect(second.providers.get("openrouter")?.baseUrl).toContain("openrouter.xy");
  });

  test("hold nothing of the user's file and no variable's value", () => {
    const here = place(own);
    const cache = join(here.home, "cache");
    loadWithCache(cache, here.options({ MY_KEY: "sk-of-this-test", OPENROUTER_API_KEY: "sk-another" }));
    const kept = readFileSync(keptIn(cache), "latin1");
    for (const text of ["sk-of-this-test", "sk-another", "mine", "127.0.0.1:9"])
      expect(kept).not.toContain(text);
  });

  test("do not outlive a change of a tracked file, and a mistake there is told at every start, with its place", () => {
    const here = place();
    const cache = join(here.home, "cache");
    const file = join(here.root, "config/default.yaml");
    const text = readFileSync(file, "utf8");
    const options = here.options();
    expect(configIn(loadWithCache(cache, options)).tierFirst).toBe(false);
    writeFileSync(file, text.replace("tierFirst: false", "tierFirst: true"));
    expect(configIn(loadWithCache(cache, options)).tierFirst).toBe(true);
    writeFileSync(file, `nothing: {\n${text}`);
    for (let start = 0; start < 2; start++) {
      const answer = loadWithCache(cache, options);
      expect(answer).toMatchObject({ error: { code: "config.invalid" } });
      expect("error" in answer && answer.error.detail).toMatch(/config\/default\.yaml:\d+:\d+/);
    }
  });

  test("are read again from their files where what was kept is broken", () => {
    const here = place();
    const cache = join(here.home, "cache");
    const options = here.options();
    const first = loadWithCache(cache, options);
    const file = keptIn(cache);
    writeFileSync(file, readFileSync(file).subarray(0, 1000));
    expect(loadWithCache(cache, options)).toEqual(first);
    expect(readFileSync(file).length).toBeGreaterThan(1000);
    expect(readdirSync(cache).filter((name) => name.startsWith("trees-"))).toHaveLength(1);
    expect(existsSync(`${file}.${process.pid}`)).toBe(false);
  });
});
